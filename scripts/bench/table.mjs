// Turns figures into the table of the bench: value, bare value, ratio, budget, kept or missed. Pure.

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** True when a row is inside its budget: `maxRatio`, `minRatio` against the bare value, or `max` or `min` by itself. */
export function isKept({ value, bare, maxRatio, minRatio, max, min }) {
  if (max !== undefined) return value <= max;
  if (min !== undefined) return value >= min;
  return maxRatio !== undefined ? value / bare <= maxRatio : value / bare >= minRatio;
}

function budgetText({ unit, maxRatio, minRatio, max, min }) {
  if (max !== undefined) return `≤ ${max} ${unit}`;
  if (min !== undefined) return `≥ ${min.toLocaleString('en-US')} ${unit}`;
  return maxRatio !== undefined ? `≤ ${maxRatio} ×` : `≥ ${minRatio} ×`;
}

function number(value) {
  if (value === undefined) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2);
}

function cells(row) {
  const ratio = row.bare === undefined ? '–' : `${(row.value / row.bare).toFixed(2)} ×`;
  const amount = (value) => (value === undefined ? '–' : `${number(value)} ${row.unit}`);
  return [row.figure, amount(row.value), amount(row.bare), ratio, budgetText(row), isKept(row) ? 'yes' : '**NO**'];
}

/** The markdown table. */
export function renderTable(rows) {
  const lines = [['Figure', 'Gateway', 'Bare', 'Ratio', 'Budget', 'Kept'], ...rows.map(cells)];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const render = (line) => `| ${line.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [render(lines[0]), rule, ...lines.slice(1).map(render)].join('\n');
}
