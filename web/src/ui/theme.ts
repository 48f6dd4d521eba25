/** Mantine in our colours: a dark teal that passes AA on white and on itself, cool greys, and a small type scale. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const teal: MantineColorsTuple = [
  "#eef8f7",
  "#d9edeb",
  "#b0dad6",
  "#83c5bf",
  "#5fb8b0",
  "#33938c",
  "#1d7b75",
  "#11655f",
  "#0c504c",
  "#083b38",
];
const gray: MantineColorsTuple = [
  "#f7f8f9",
  "#f0f2f4",
  "#e5e8ec",
  "#d6dbe1",
  "#bcc4cd",
  "#8b95a1",
  "#5f6975",
  "#4b5563",
  "#333b47",
  "#1b222b",
];
const dark: MantineColorsTuple = [
  "#dfe4ea",
  "#b9c2cc",
  "#9ba6b3",
  "#76828f",
  "#3c4754",
  "#29323d",
  "#1d242d",
  "#161b22",
  "#10141a",
  "#0c1014",
];

export const FONT =
  '"Figtree Variable", ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 6 },
  colors: { teal, gray, dark },
  black: "#1b222b",
  fontFamily: FONT,
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.55", xl: "1.6" },
  headings: {
    fontFamily: FONT,
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.375rem", lineHeight: "1.3" },
      h2: { fontSize: "1.0625rem", lineHeight: "1.35" },
      h3: { fontSize: "0.9375rem", lineHeight: "1.4" },
      h4: { fontSize: "0.875rem", lineHeight: "1.4" },
    },
  },
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "12px", xl: "18px" },
  defaultRadius: "md",
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  shadows: { md: "var(--ch-shadow)", lg: "var(--ch-shadow)" },
  cursorType: "pointer",
  respectReducedMotion: true,
  // By name, so that the sign-in page doesn't load components that it doesn't show.
  components: {
    Button: { defaultProps: { size: "sm" }, styles: { label: { fontWeight: 550 } } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "lg" } },
    Modal: {
      defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.3 }, transitionProps: { duration: 120 } },
      styles: {
        // What is asked about may be called anything, at any length.
        title: { fontSize: "1.0625rem", fontWeight: 600, lineHeight: 1.3, overflowWrap: "anywhere" },
        content: { background: "var(--ch-raised)" },
        header: { background: "var(--ch-raised)" },
      },
    },
    Notification: { styles: { description: { overflowWrap: "anywhere" } } },
    InputWrapper: { styles: { label: { marginBlockEnd: 4, fontWeight: 550 } } },
    Kbd: { styles: { root: { fontFamily: FONT, fontWeight: 500 } } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 80 } } },
    // Its placeholder for the first focus is no child that a menu may have.
    Menu: { defaultProps: { shadow: "md", transitionProps: { duration: 80 }, withInitialFocusPlaceholder: false } },
    // One line, on a phone too: it scrolls.
    Tabs: {
      styles: {
        list: { flexWrap: "nowrap", overflowX: "auto", overflowY: "hidden", scrollbarWidth: "none" },
        tab: { flexShrink: 0 },
      },
    },
    TextInput: { defaultProps: { size: "sm" } },
    PasswordInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", checkIconPosition: "right" } },
    Textarea: { defaultProps: { size: "sm", autosize: true, minRows: 2 } },
  },
});

/** Mantine's own colours for text, lines and grounds, taken from ours. */
export const variables: CSSVariablesResolver = () => {
  const ours = {
    "--mantine-color-text": "var(--ch-text)",
    "--mantine-color-dimmed": "var(--ch-muted)",
    "--mantine-color-placeholder": "var(--ch-muted)",
    "--mantine-color-body": "var(--ch-surface)",
    "--mantine-color-default": "var(--ch-surface)",
    "--mantine-color-default-hover": "var(--ch-hover)",
    "--mantine-color-default-color": "var(--ch-text)",
    "--mantine-color-default-border": "var(--ch-line-strong)",
    "--mantine-color-error": "var(--tone-bad-fg)",
    "--mantine-color-anchor": "var(--ch-primary)",
    // Alerts and light buttons, as the tags are.
    "--mantine-color-teal-light": "var(--ch-primary-soft)",
    "--mantine-color-teal-light-hover": "var(--ch-primary-soft-hover)",
    "--mantine-color-teal-light-color": "var(--ch-on-primary-soft)",
    "--mantine-color-yellow-light": "var(--tone-warn-bg)",
    "--mantine-color-yellow-light-color": "var(--tone-warn-fg)",
    "--mantine-color-red-light": "var(--tone-bad-bg)",
    "--mantine-color-red-light-color": "var(--tone-bad-fg)",
  };
  return { variables: {}, light: ours, dark: ours };
};
