// Runs before the first paint so that a chosen theme does not flash.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "assay" || theme === "assay-dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's preference then decides.
}
