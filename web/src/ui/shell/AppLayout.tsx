/** What stands around every screen of somebody who is signed in. */
import { Drawer, Loader, Tooltip, UnstyledButton } from "@mantine/core";
import { useLocalStorage, useMediaQuery } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useMatches, useNavigate, useRouter, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { streamEvents } from "@/api/events";
import { ConfirmProvider } from "../confirm";
import { Palette, usePalette } from "../palette/Palette";
import { useMe, useSession } from "../session";
import { Keys, ShortcutHelp, useShortcut, useShortcutKeys } from "../shortcuts";
import { NoPermission } from "../states";
import classes from "./AppLayout.module.css";
import { Brand } from "./Brand";
import { ClinicSwitcher } from "./ClinicSwitcher";
import { ConnectionBanner } from "./ConnectionBanner";
import { type Place, placesOf } from "./navigation";
import { SignInAgain } from "./SignInAgain";
import { UserMenu } from "./UserMenu";

export function AppLayout() {
  const session = useSession();
  useLeaveWhenSignedOut();
  // Between the end of the session and the sign-in page there is nobody to show anything to.
  if (session.state !== "open" && session.state !== "expired") return null;
  return (
    <ConfirmProvider>
      <Shell />
      <Notifications position="bottom-right" containerWidth={420} />
      {session.state === "expired" && <SignInAgain user={session.user} />}
    </ConfirmProvider>
  );
}

/** Signed out here or in another tab, or in another clinic now: nothing of before may stay on the screen or in the cache. */
function useLeaveWhenSignedOut(): void {
  const session = useSession();
  const queries = useQueryClient();
  const router = useRouter();
  const seat = "user" in session ? `${session.user.user_id}@${session.user.clinic_id}` : null;
  const before = useRef(seat);
  useEffect(() => {
    if (before.current === seat) return;
    before.current = seat;
    queries.clear();
    if (seat === null) void router.navigate({ to: "/sign-in", search: { next: undefined } });
    else void router.invalidate();
  }, [seat, queries, router]);
}

function Shell() {
  const { t } = useTranslation("common");
  const queries = useQueryClient();
  const palette = usePalette();
  const [isRail, setRail] = useLocalStorage({
    key: "clinichub.rail",
    defaultValue: false,
    getInitialValueInEffect: false,
  });
  const isPhone = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  useEffect(() => streamEvents(queries), [queries]);
  useShortcutKeys();
  useShortcut("mod+k", t("shortcut.search"), palette.open);
  useShortcut("/", t("shortcut.search"), palette.open);
  useShortcut("[", t("shortcut.rail"), () => setRail(!isRail), !isPhone);
  useFocusOnArrival();
  return (
    <div className={classes.shell} data-rail={isRail || undefined}>
      <a href="#content" className={classes.skip}>
        {t("nav.skip")}
      </a>
      {isPhone ? (
        <TopBar onSearch={palette.open} />
      ) : (
        <Sidebar isRail={isRail} setRail={setRail} onSearch={palette.open} />
      )}
      <main id="content" className={classes.main} tabIndex={-1}>
        <ConnectionBanner />
        <Allowed />
      </main>
      {isPhone && <BottomBar />}
      <GoKeys />
      <Palette {...palette} />
      <ShortcutHelp />
    </div>
  );
}

/** The screen, if the person may see it. */
function Allowed() {
  const me = useMe();
  const needed = useMatches({
    select: (matches) => matches.map(({ staticData }) => staticData.permission).findLast(Boolean),
  });
  if (needed && !me.permissions.includes(needed)) return <NoPermission />;
  return (
    <Suspense fallback={<Loader size="sm" m="auto" />}>
      <Outlet />
    </Suspense>
  );
}

/** Moves the focus to the new screen's title, so that the keyboard and the screen reader go on from there. */
function useFocusOnArrival(): void {
  const path = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname });
  const first = useRef(true);
  useEffect(() => {
    if (path === undefined) return;
    if (first.current) {
      first.current = false;
      return;
    }
    requestAnimationFrame(() => {
      const isTaken = document.activeElement?.closest("main, [role=dialog]");
      if (!isTaken)
        (document.querySelector<HTMLElement>("main h1") ?? document.querySelector<HTMLElement>("main"))?.focus({
          preventScroll: true,
        });
    });
  }, [path]);
}

function GoKeys() {
  const places = placesOf(useMe());
  return places.map((place) => <GoKey key={place.to} place={place} />);
}

function GoKey({ place: { to, label, letter } }: { place: Place }) {
  const { t } = useTranslation("common");
  const navigate = useNavigate();
  useShortcut(`g ${letter}`, t("shortcut.go", { place: t(label) }), () => void navigate({ to }));
  return null;
}

interface SidebarProps {
  isRail: boolean;
  setRail: (isRail: boolean) => void;
  onSearch: () => void;
}

function Sidebar({ isRail, setRail, onSearch }: SidebarProps) {
  const { t } = useTranslation("common");
  const places = placesOf(useMe());
  const Toggle = isRail ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  const toggle = t(isRail ? "nav.expand" : "nav.collapse");
  return (
    <aside className={classes.sidebar} aria-label={t("nav.label")}>
      <div className={classes.sidebarTop}>
        <Brand short={isRail} />
        <Tooltip label={toggle} position="right">
          <UnstyledButton
            className={classes.toggle}
            aria-label={toggle}
            aria-expanded={!isRail}
            onClick={() => setRail(!isRail)}
          >
            <Toggle size={18} stroke={1.6} aria-hidden className={classes.flips} />
          </UnstyledButton>
        </Tooltip>
      </div>
      <ClinicSwitcher short={isRail} />
      <UnstyledButton
        className={classes.search}
        onClick={onSearch}
        aria-label={t("palette.open")}
        aria-keyshortcuts="Control+K"
      >
        <IconSearch size={17} stroke={1.7} aria-hidden />
        {!isRail && (
          <>
            <span>{t("palette.open")}</span>
            <span className={classes.hint}>
              <Keys keys="mod+k" />
            </span>
          </>
        )}
      </UnstyledButton>
      <nav className={classes.nav} aria-label={t("nav.main")}>
        {places.map((place) => (
          <NavLink key={place.to} place={place} short={isRail} />
        ))}
      </nav>
      <UserMenu short={isRail} />
    </aside>
  );
}

function NavLink({ place: { to, label, icon: Icon }, short }: { place: Place; short: boolean }) {
  const { t } = useTranslation("common");
  return (
    <Tooltip label={t(label)} position="right" disabled={!short}>
      <Link
        to={to}
        className={classes.link}
        activeProps={{ "aria-current": "page" }}
        aria-label={short ? t(label) : undefined}
      >
        <Icon size={19} stroke={1.7} aria-hidden />
        {!short && <span>{t(label)}</span>}
      </Link>
    </Tooltip>
  );
}

function TopBar({ onSearch }: { onSearch: () => void }) {
  const { t } = useTranslation("common");
  return (
    <header className={classes.topBar}>
      <ClinicSwitcher />
      <UnstyledButton className={classes.round} onClick={onSearch} aria-label={t("palette.open")}>
        <IconSearch size={20} stroke={1.7} aria-hidden />
      </UnstyledButton>
      <UserMenu short />
    </header>
  );
}

/** As many as a thumb reaches; the rest behind "More". */
const IN_BAR = 4;

function BottomBar() {
  const { t } = useTranslation("common");
  const places = placesOf(useMe());
  const [isOpen, open] = useState(false);
  const shown = places.length > IN_BAR + 1 ? places.slice(0, IN_BAR) : places;
  const rest = places.slice(shown.length);
  return (
    <nav className={classes.bottomBar} aria-label={t("nav.main")}>
      {shown.map(({ to, label, icon: Icon }) => (
        <Link key={to} to={to} className={classes.tab} activeProps={{ "aria-current": "page" }}>
          <Icon size={21} stroke={1.7} aria-hidden />
          {t(label)}
        </Link>
      ))}
      {rest.length > 0 && (
        <UnstyledButton className={classes.tab} aria-haspopup="dialog" onClick={() => open(true)}>
          <IconDots size={21} stroke={1.7} aria-hidden />
          {t("nav.more")}
        </UnstyledButton>
      )}
      <Drawer
        opened={isOpen}
        onClose={() => open(false)}
        position="bottom"
        size="auto"
        title={t("nav.more")}
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        {rest.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className={classes.link}
            activeProps={{ "aria-current": "page" }}
            onClick={() => open(false)}
          >
            <Icon size={19} stroke={1.7} aria-hidden />
            {t(label)}
          </Link>
        ))}
      </Drawer>
    </nav>
  );
}
