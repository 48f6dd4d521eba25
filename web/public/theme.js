// Before anything is drawn: the colours chosen before, so that a dark screen doesn't flash white.
(() => {
  const root = document.documentElement;
  const chosen = localStorage.getItem("clinichub.theme");
  const isDark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.mantineColorScheme = isDark ? "dark" : "light";
  root.style.colorScheme = isDark ? "dark" : "light";
  root.style.background = isDark ? "#10141a" : "#f6f7f8";
})();
