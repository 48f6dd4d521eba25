/**
 * Every address of the app, in one place. A screen is loaded when somebody goes there (or is about to: the pointer over a link is
 * enough), with its texts. What an address may carry is said in the screen's `search.ts`, which is loaded with this file.
 */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { resume } from "./api/session";
import { loadTexts } from "./i18n";
import { search as adminSearch } from "./screens/admin/search";
import { search as billingSearch } from "./screens/billing/search";
import { search as operatorSearch } from "./screens/operator/search";
import { chartSearch, search as patientsSearch } from "./screens/patients/search";
import { search as registerSearch } from "./screens/register/search";
import { search as resultsSearch } from "./screens/results/search";
import { search as scheduleSearch } from "./screens/schedule/search";
import { search as signInSearch } from "./screens/sign-in/search";
import { search as todaySearch } from "./screens/today/search";
import { search as usageSearch } from "./screens/usage/search";
import { search as visitsSearch } from "./screens/visits/search";
import { Crash, Waiting } from "./ui/shell/Fallbacks";
import { homeOf, type Needed } from "./ui/shell/home";

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
  interface StaticDataRouteOption {
    /** Who lacks it sees that they do, and not the screen. */
    permission?: Needed;
  }
}

/** A module with a screen in it. */
type Module = { Screen: ComponentType };

/** A screen, loaded with the texts of its folder and of what it is made of. */
const screen = (texts: string | readonly string[], load: () => Promise<Module>) => ({
  component: lazyRouteComponent(load, "Screen"),
  loader: () => loadTexts(texts),
  staleTime: Number.POSITIVE_INFINITY,
});

const root = createRootRoute({
  notFoundComponent: lazyRouteComponent(() => import("./ui/shell/Nowhere"), "Nowhere"),
});

/** Whoever is signed in goes where their day begins. */
async function onlyGuests(): Promise<void> {
  const session = await resume().catch(() => null);
  if (session?.state === "open") throw redirect({ to: homeOf(session.user) });
}

const landing = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: onlyGuests,
  ...screen("landing", () => import("./screens/landing")),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: signInSearch,
  ...screen("sign-in", () => import("./screens/sign-in")),
});
const forgotPassword = createRoute({
  getParentRoute: () => root,
  path: "/forgot-password",
  ...screen("sign-in", () => import("./screens/sign-in/forgot")),
});
const resetPassword = createRoute({
  getParentRoute: () => root,
  path: "/reset-password",
  ...screen("sign-in", () => import("./screens/sign-in/reset")),
});
/** Screens that need no session and yet all that the app has. */
const open = createRoute({
  getParentRoute: () => root,
  id: "open",
  component: lazyRouteComponent(() => import("./ui/shell/OpenLayout"), "OpenLayout"),
});
const setup = createRoute({
  getParentRoute: () => open,
  path: "/setup",
  ...screen("setup", () => import("./screens/setup")),
});
const invite = createRoute({
  getParentRoute: () => open,
  path: "/invite",
  ...screen("invite", () => import("./screens/invite")),
});

const register = createRoute({
  getParentRoute: () => open,
  path: "/register",
  validateSearch: registerSearch,
  beforeLoad: onlyGuests,
  ...screen("register", () => import("./screens/register")),
});

/** Where the code on a prescription leads. */
const verify = createRoute({
  getParentRoute: () => open,
  path: "/verify/$token",
  ...screen("verify", () => import("./screens/verify")),
});

/** Everything below needs somebody who is signed in. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  beforeLoad: async ({ location }) => {
    const session = await resume();
    if (session.state === "none") throw redirect({ to: "/sign-in", search: { next: location.href } });
  },
  component: lazyRouteComponent(() => import("./ui/shell/AppLayout"), "AppLayout"),
});

const chooseClinic = createRoute({
  getParentRoute: () => app,
  path: "/choose-clinic",
  validateSearch: signInSearch,
  ...screen("sign-in", () => import("./screens/sign-in/clinic")),
});
const profile = createRoute({
  getParentRoute: () => app,
  path: "/profile",
  ...screen("profile", () => import("./screens/profile")),
});

const today = createRoute({
  getParentRoute: () => app,
  path: "/today",
  validateSearch: todaySearch,
  staticData: { permission: "appointment_read" },
  ...screen("today", () => import("./screens/today")),
});
const schedule = createRoute({
  getParentRoute: () => app,
  path: "/schedule",
  validateSearch: scheduleSearch,
  staticData: { permission: "appointment_read" },
  ...screen("schedule", () => import("./screens/schedule")),
});

const patients = createRoute({
  getParentRoute: () => app,
  path: "/patients",
  validateSearch: patientsSearch,
  staticData: { permission: "patient_read" },
  ...screen("patients", () => import("./screens/patients")),
});
const newPatient = createRoute({
  getParentRoute: () => app,
  path: "/patients/new",
  staticData: { permission: "patient_create" },
  ...screen("patients", () => import("./screens/patients/new")),
});
const importPatients = createRoute({
  getParentRoute: () => app,
  path: "/patients/import",
  staticData: { permission: "patient_import" },
  ...screen("patients", () => import("./screens/patients/import")),
});
const chart = createRoute({
  getParentRoute: () => app,
  path: "/patients/$patientId",
  validateSearch: chartSearch,
  staticData: { permission: "patient_read" },
  ...screen(["patients", "clinical", "files", "labs"], () => import("./screens/patients/chart")),
});

const visits = createRoute({
  getParentRoute: () => app,
  path: "/visits",
  validateSearch: visitsSearch,
  staticData: { permission: "chart_read" },
  ...screen("visits", () => import("./screens/visits")),
});
const visit = createRoute({
  getParentRoute: () => app,
  path: "/visits/$visitId",
  staticData: { permission: "chart_read" },
  ...screen(["visits", "clinical", "files", "labs"], () => import("./screens/visits/visit")),
});

const results = createRoute({
  getParentRoute: () => app,
  path: "/results",
  validateSearch: resultsSearch,
  staticData: { permission: "chart_read" },
  ...screen(["results", "labs", "files"], () => import("./screens/results")),
});

const billing = createRoute({
  getParentRoute: () => app,
  path: "/billing",
  validateSearch: billingSearch,
  staticData: { permission: "invoice_read" },
  ...screen("billing", () => import("./screens/billing")),
});
const invoice = createRoute({
  getParentRoute: () => app,
  path: "/billing/$invoiceId",
  staticData: { permission: "invoice_read" },
  ...screen(["billing", "clinical"], () => import("./screens/billing/invoice")),
});

const admin = createRoute({
  getParentRoute: () => app,
  path: "/admin",
  validateSearch: adminSearch,
  staticData: { permission: "staff_read" },
  ...screen("admin", () => import("./screens/admin")),
});
const operator = createRoute({
  getParentRoute: () => app,
  path: "/operator",
  validateSearch: operatorSearch,
  staticData: { permission: "clinics_manage" },
  ...screen("operator", () => import("./screens/operator")),
});

const usage = createRoute({
  getParentRoute: () => app,
  path: "/usage",
  validateSearch: usageSearch,
  staticData: { permission: ["clinic_settings", "clinics_manage"] },
  ...screen("usage", () => import("./screens/usage")),
});

const routeTree = root.addChildren([
  landing,
  signIn,
  forgotPassword,
  resetPassword,
  open.addChildren([setup, invite, register, verify]),
  app.addChildren([
    chooseClinic,
    profile,
    today,
    schedule,
    patients,
    newPatient,
    importPatients,
    chart,
    visits,
    visit,
    results,
    billing,
    invoice,
    admin,
    operator,
    usage,
  ]),
]);

export function makeRouter() {
  return createRouter({
    routeTree,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: Crash,
    defaultPendingComponent: Waiting,
    defaultPendingMs: 300,
  });
}
