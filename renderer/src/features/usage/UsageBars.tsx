// Amounts as bars, and the same amounts as a table.
import { t } from '../../i18n/t.js';
import { formatCount, formatUsd, formatWhole } from '../../ui/format-number.js';
import type { UsageLine } from './usage-figures.js';

export type Measure = 'tokens' | 'cost';

export function amountWords(line: Pick<UsageLine, 'tokens' | 'cost'>, measure: Measure): string {
  return measure === 'cost' ? formatUsd(line.cost) : formatCount(line.tokens);
}

function dayName(date: string): string {
  return new Date(`${date}T12:00:00`).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

interface ChartProps {
  label: string;
  lines: readonly UsageLine[];
  measure: Measure;
}

/** One column a day. Each is a list item with its amount in words, so nothing depends on seeing heights. */
export function DayColumns({ label, lines, measure }: ChartProps) {
  const most = Math.max(...lines.map((line) => line[measure]), 0);
  return (
    <div>
      <ul aria-label={label} className="flex h-40 items-end gap-px border-b border-line">
        {lines.map((line) => {
          const words = `${dayName(line.key)}: ${amountWords(line, measure)}`;
          const share = most === 0 ? 0 : line[measure] / most;
          return (
            <li key={line.key} title={words} className="group flex h-full min-w-0 flex-1 items-end">
              <span className="sr-only">{words}</span>
              <span
                aria-hidden="true"
                className="block w-full rounded-t-sm bg-accent group-hover:bg-accent-hover"
                style={{ height: share === 0 ? 0 : `max(2px, ${share * 100}%)` }}
              />
            </li>
          );
        })}
      </ul>
      <p aria-hidden="true" className="mt-1 flex justify-between text-11 text-muted tabular-nums">
        <span>{dayName(lines[0]?.key ?? '')}</span>
        <span>{t('usage.most', { amount: measure === 'cost' ? formatUsd(most) : formatCount(most) })}</span>
        <span>{dayName(lines.at(-1)?.key ?? '')}</span>
      </p>
    </div>
  );
}

/** One row each, the largest first. */
export function ShareBars({ label, lines, measure }: ChartProps) {
  const most = Math.max(...lines.map((line) => line[measure]), 0);
  return (
    <ul aria-label={label} className="space-y-2">
      {lines.map((line) => (
        <li key={line.key}>
          <p className="flex items-baseline gap-3">
            <span className="min-w-0 flex-1 truncate">{line.name}</span>
            <span className="tabular-nums">{amountWords(line, measure)}</span>
          </p>
          <span aria-hidden="true" className="mt-1 block h-2 rounded-full bg-hover">
            <span
              className="block h-full rounded-full bg-accent"
              style={{ width: most === 0 ? 0 : `max(2px, ${(line[measure] / most) * 100}%)` }}
            />
          </span>
        </li>
      ))}
    </ul>
  );
}

interface TableProps {
  label: string;
  /** What the first column holds. */
  first: string;
  lines: readonly UsageLine[];
}

export function UsageTable({ label, first, lines }: TableProps) {
  return (
    <table className="w-full tabular-nums">
      <caption className="sr-only">{label}</caption>
      <thead className="text-left text-12 text-muted">
        <tr>
          <th scope="col" className="py-1 font-medium">
            {first}
          </th>
          <th scope="col" className="py-1 text-right font-medium">
            {t('usage.tokens')}
          </th>
          <th scope="col" className="py-1 text-right font-medium">
            {t('usage.cost')}
          </th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr key={line.key} className="border-t border-line">
            <th scope="row" className="py-1.5 text-left font-normal wrap-anywhere">
              {line.name}
            </th>
            <td className="py-1.5 text-right">{formatWhole(line.tokens)}</td>
            <td className="py-1.5 text-right">{formatUsd(line.cost)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
