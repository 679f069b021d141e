// The line search of LBFGS: how far to go along a direction so that the loss
// falls enough and the slope flattens (the strong Wolfe conditions). It knows
// numbers, and gradients only as something to hand on.

/** What was found at a point of the line. */
export interface LinePoint<T> {
  /** Distance from the start. */
  readonly t: number;
  /** The loss there. */
  readonly loss: number;
  /** The gradient there. */
  readonly gradient: T;
  /** Its component along the line. */
  readonly slope: number;
}

/** Computes a point of the line; the search may still return those of `held`, whose gradients must stay as they are. */
export type Evaluate<T> = (
  t: number,
  held: readonly LinePoint<T>[],
) => LinePoint<T>;

/** Where a search ended. */
export interface LineSearch<T> {
  /** The point. */
  readonly best: LinePoint<T>;
  /** How many points were looked at. */
  readonly evaluations: number;
}

/** Share of the promised descent that is enough. */
const DESCENT = 1e-4;
/** Share of the slope that may be left. */
const FLATNESS = 0.9;
/** Descent below which a search ends. */
const LEAST_CHANGE = 1e-9;

/** The minimum of the cubic through two points, within bounds. */
function interpolated<T>(
  a: LinePoint<T>,
  b: LinePoint<T>,
  least: number = Math.min(a.t, b.t),
  most: number = Math.max(a.t, b.t),
): number {
  const d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (least + most) / 2;
  const d2 = Math.sqrt(square);
  const t = a.t <= b.t
    ? b.t -
      (b.t - a.t) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2))
    : a.t -
      (a.t - b.t) * ((a.slope + d2 - d1) / (a.slope - b.slope + 2 * d2));
  return Math.min(Math.max(t, least), most);
}

/**
 * Searches from `start`, at 0, with `t` as the first guess. `size` is the
 * largest component of the direction. See `torch.optim.lbfgs._strong_wolfe`.
 */
export function strongWolfe<T>(
  evaluate: Evaluate<T>,
  start: LinePoint<T>,
  guess: number,
  size: number,
  mostSteps: number,
): LineSearch<T> {
  const enough = (p: LinePoint<T>) =>
    !(p.loss > start.loss + DESCENT * p.t * start.slope);
  const flat = (p: LinePoint<T>) =>
    Math.abs(p.slope) <= -FLATNESS * start.slope;
  let previous = start;
  let point = evaluate(guess, [start]);
  let evaluations = 1;
  let steps = 0;
  let bracket: LinePoint<T>[] = [];
  while (steps < mostSteps) {
    const rises = !enough(point) ||
      (steps > 1 && point.loss >= previous.loss);
    if (!rises && flat(point)) return { best: point, evaluations };
    if (rises || point.slope >= 0) {
      bracket = [previous, point];
      break;
    }
    const next = interpolated(
      previous,
      point,
      point.t + 0.01 * (point.t - previous.t),
      point.t * 10,
    );
    previous = point;
    point = evaluate(next, [start, previous]);
    evaluations++;
    steps++;
  }
  if (steps === mostSteps) bracket = [start, point];
  return zoom(
    evaluate,
    bracket as [LinePoint<T>, LinePoint<T>],
    enough,
    flat,
    size,
    steps,
    mostSteps,
    evaluations,
  );
}

/** Narrows a bracket that holds a good point. */
function zoom<T>(
  evaluate: Evaluate<T>,
  ends: [LinePoint<T>, LinePoint<T>],
  enough: (p: LinePoint<T>) => boolean,
  flat: (p: LinePoint<T>) => boolean,
  size: number,
  stepsBefore: number,
  mostSteps: number,
  evaluationsBefore: number,
): LineSearch<T> {
  let evaluations = evaluationsBefore;
  let steps = stepsBefore;
  let stalled = false;
  let low = ends[0].loss <= ends[1].loss ? 0 : 1;
  while (steps < mostSteps) {
    const [a, b] = ends;
    if (Math.abs(b.t - a.t) * size < LEAST_CHANGE) break;
    const least = Math.min(a.t, b.t);
    const most = Math.max(a.t, b.t);
    let t = interpolated(a, b);
    const margin = 0.1 * (most - least);
    if (Math.min(most - t, t - least) < margin) {
      // Close to an end twice: away from it.
      if (stalled || t >= most || t <= least) {
        t = Math.abs(t - most) < Math.abs(t - least)
          ? most - margin
          : least + margin;
        stalled = false;
      } else stalled = true;
    } else stalled = false;
    const point = evaluate(t, ends);
    evaluations++;
    steps++;
    const high = 1 - low;
    if (!enough(point) || point.loss >= ends[low]!.loss) {
      ends[high] = point;
      low = ends[0].loss <= ends[1].loss ? 0 : 1;
      continue;
    }
    const done = flat(point);
    if (!done && point.slope * (ends[high]!.t - ends[low]!.t) >= 0) {
      ends[high] = ends[low]!;
    }
    ends[low] = point;
    if (done) break;
  }
  return { best: ends[low]!, evaluations };
}
