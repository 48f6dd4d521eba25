/** The name and its sign: a pulse that becomes a line. */
import classes from "./Brand.module.css";

export function Sign({ size = 26 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden="true" className={classes.sign}>
      <rect width="32" height="32" rx="9" />
      <path
        d="M7.5 16.4h5l2.6-6.2 3.9 12 2.6-5.8h3"
        fill="none"
        strokeWidth="2.3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}

export function Brand({ short = false, size }: { short?: boolean; size?: number }) {
  return (
    <span className={classes.brand}>
      <Sign size={size} />
      <span className={short ? "visually-hidden" : undefined}>ClinicHub</span>
    </span>
  );
}
