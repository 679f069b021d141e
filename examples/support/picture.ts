// Pictures of results: curves in the terminal, or an SVG file. Scales and paths
// are d3's, the chart in the terminal is asciichart's.

// @deno-types="npm:@types/asciichart@1.5.8"
import asciichart from "asciichart";
// @deno-types="npm:@types/d3-scale@4.0.9"
import { scaleLinear } from "d3-scale";
// @deno-types="npm:@types/d3-shape@3.1.7"
import { line } from "d3-shape";

/** A curve, or points where it is scattered. */
export interface Series {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly scattered?: boolean;
}

const COLOURS = ["#2563eb", "#dc2626", "#16a34a", "#9333ea", "#ea580c"];
const [WIDTH, HEIGHT, MARGIN] = [640, 400, 48];

function extent(values: readonly number[]): [number, number] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return low === high ? [low - 1, high + 1] : [low, high];
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** The picture as SVG. */
export function toSvg(title: string, series: readonly Series[]): string {
  const x = scaleLinear()
    .domain(extent(series.flatMap((s) => s.x))).nice()
    .range([MARGIN, WIDTH - MARGIN / 2]);
  const y = scaleLinear()
    .domain(extent(series.flatMap((s) => s.y))).nice()
    .range([HEIGHT - MARGIN, MARGIN]);
  const parts: string[] = [];
  for (const tick of x.ticks(8)) {
    const at = x(tick);
    parts.push(
      `<path d="M${at},${MARGIN}V${HEIGHT - MARGIN}" stroke="#e5e7eb"/>`,
      `<text x="${at}" y="${
        HEIGHT - MARGIN + 18
      }" text-anchor="middle">${tick}</text>`,
    );
  }
  for (const tick of y.ticks(6)) {
    const at = y(tick);
    parts.push(
      `<path d="M${MARGIN},${at}H${WIDTH - MARGIN / 2}" stroke="#e5e7eb"/>`,
      `<text x="${MARGIN - 6}" y="${at + 4}" text-anchor="end">${tick}</text>`,
    );
  }
  series.forEach((s, k) => {
    const colour = COLOURS[k % COLOURS.length];
    const points = s.x.map((v, i): [number, number] => [x(v), y(s.y[i]!)]);
    if (s.scattered === true) {
      for (const [cx, cy] of points) {
        parts.push(
          `<circle cx="${cx.toFixed(1)}" cy="${
            cy.toFixed(1)
          }" r="3" fill="${colour}" fill-opacity="0.6"/>`,
        );
      }
    } else {
      parts.push(
        `<path d="${
          line()(points)
        }" fill="none" stroke="${colour}" stroke-width="2"/>`,
      );
    }
    parts.push(
      `<text x="${WIDTH - MARGIN}" y="${
        MARGIN + 18 * k
      }" text-anchor="end" fill="${colour}">${escaped(s.name)}</text>`,
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${WIDTH / 2}" y="24" text-anchor="middle" font-size="16">${
    escaped(title)
  }</text>
${parts.join("\n")}
</svg>
`;
}

/** Columns and rows of pictures in the terminal. */
const [COLUMNS, ROWS] = [60, 12];

/** A curve as one value per column. */
function resampled(values: readonly number[]): number[] {
  return Array.from({ length: COLUMNS }, (_, k) => {
    const at = k * (values.length - 1) / (COLUMNS - 1);
    const low = Math.floor(at);
    const next = values[Math.min(low + 1, values.length - 1)]!;
    return values[low]! + (at - low) * (next - values[low]!);
  });
}

/** Points as letters on a grid, a letter per series. */
function scatter(series: readonly Series[]): string {
  const grid = Array.from(
    { length: ROWS },
    () => new Array<string>(COLUMNS).fill(" "),
  );
  const x = scaleLinear().domain(extent(series.flatMap((s) => s.x)))
    .rangeRound([0, COLUMNS - 1]);
  const y = scaleLinear().domain(extent(series.flatMap((s) => s.y)))
    .rangeRound([ROWS - 1, 0]);
  series.forEach((s, k) => {
    const letter = String.fromCharCode("a".charCodeAt(0) + k);
    s.x.forEach((v, i) => grid[y(s.y[i]!)]![x(v)] = letter);
  });
  return grid.map((row) => row.join("").trimEnd()).join("\n");
}

/** Shows the picture: in the file that was asked for, or in the terminal. */
export function showPicture(
  title: string,
  series: readonly Series[],
  file: string | null,
): void {
  if (series.every((s) => s.x.length === 0)) return;
  if (file !== null) {
    Deno.writeTextFileSync(file, toSvg(title, series));
    console.log(`${title}: ${file}`);
    return;
  }
  console.log(title);
  const points = series.filter((s) => s.scattered === true);
  const curves = series.filter((s) => s.scattered !== true);
  if (curves.length > 0) {
    console.log(
      asciichart.plot(curves.map((s) => resampled(s.y)), { height: 8 }),
    );
  } else {
    console.log(scatter(points));
  }
}

/** Shows how a training went: a number for each of its steps or epochs. */
export function showCurve(
  title: string,
  curve: readonly number[],
  file: string | null,
): void {
  const numbers = curve.map((_, k) => k + 1);
  showPicture(title, [{ name: "training", x: numbers, y: curve }], file);
}
