/** The course of a measurement or of a laboratory value over time: a line, and the same as a table for who can't see one. */
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import { Dialog } from "@/ui/Dialog";
import "uplot/dist/uPlot.min.css";
import { useTime } from "@/ui/useTime";
import { FONT } from "../theme";
import classes from "./clinical.module.css";

export interface Line {
  label: string;
  points: readonly { at: string; value: number }[];
}

export interface Trend {
  title: string;
  unit: string;
  lines: readonly Line[];
  /** What is usual: drawn behind the line. */
  usual?: readonly [number, number] | undefined;
}

const HEIGHT = 260;

export default function TrendDialog({ trend, onClose }: { trend: Trend; onClose: () => void }) {
  return (
    <Dialog onClose={onClose} size="xl" title={`${trend.title} (${trend.unit})`}>
      <Plot trend={trend} />
      <Values trend={trend} />
    </Dialog>
  );
}

/** All instants of all lines, and each line's value at each. */
function columns(lines: readonly Line[]): uPlot.AlignedData {
  const instants = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort();
  const values = lines.map(({ points }) => {
    const known = new Map(points.map(({ at, value }) => [at, value]));
    return instants.map((at) => known.get(at) ?? null);
  });
  return [instants.map((at) => Date.parse(at) / 1000), ...values] as uPlot.AlignedData;
}

function Plot({ trend }: { trend: Trend }) {
  const place = useRef<HTMLDivElement>(null);
  const time = useTime();
  useEffect(() => {
    const box = place.current;
    if (!box) return;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      font: `12px ${FONT}`,
      stroke: color("--ch-muted"),
      grid: { stroke: color("--ch-line"), width: 1 },
      ticks: { show: false },
    };
    const strokes = [color("--ch-primary"), color("--tone-info-fg"), color("--tone-accent-fg")];
    const drawUsual = (plot: uPlot) => {
      if (!trend.usual) return;
      const [from, to] = trend.usual.map((value) => plot.valToPos(value, "y", true)) as [number, number];
      const { left, top, width, height } = plot.bbox;
      const [upper, lower] = [Math.max(top, to), Math.min(top + height, from)];
      if (lower <= upper) return;
      plot.ctx.save();
      plot.ctx.fillStyle = color("--tone-good-bg");
      plot.ctx.globalAlpha = 0.5;
      plot.ctx.fillRect(left, upper, width, lower - upper);
      plot.ctx.restore();
    };
    const plot = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        legend: { show: trend.lines.length > 1, live: false },
        cursor: { y: false },
        hooks: { drawAxes: [drawUsual] },
        scales: { x: { time: true } },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), time.zone),
        axes: [
          { ...axis, values: (_, splits) => splits.map((at) => time.day(time.dayOf(new Date(at * 1000)), "short")) },
          axis,
        ],
        series: [
          {},
          ...trend.lines.map(({ label }, index) => ({
            label,
            stroke: strokes[index % strokes.length] as string,
            width: 2,
            spanGaps: true,
            points: { size: 7 },
          })),
        ],
      },
      columns(trend.lines),
      box,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: box.clientWidth, height: HEIGHT }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [trend, time]);
  return <div ref={place} className={classes.plot} aria-hidden="true" />;
}

function Values({ trend: { title, unit, lines } }: { trend: Trend }) {
  const { t } = useTranslation("clinical");
  const time = useTime();
  const instants = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))].sort().reverse();
  const number = new Intl.NumberFormat(time.language, { maximumFractionDigits: 2 });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={classes.values} role="region" aria-label={title} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{`${title} (${unit})`}</caption>
        <thead>
          <tr>
            <th scope="col">{t("when")}</th>
            {lines.map(({ label }) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {instants.map((at) => (
            <tr key={at}>
              <td>{time.dateTime(at)}</td>
              {lines.map(({ label, points }) => {
                const value = points.find((point) => point.at === at)?.value;
                return <td key={label}>{value === undefined ? "–" : number.format(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
