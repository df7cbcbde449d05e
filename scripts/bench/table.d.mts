export interface BenchRow {
  figure: string;
  unit: string;
  value: number;
  bare?: number;
  maxRatio?: number;
  minRatio?: number;
  max?: number;
  min?: number;
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: number[]): number;

/** True when a row is inside its budget. */
export function isKept(row: Omit<BenchRow, 'figure' | 'unit'>): boolean;

/** The markdown table. */
export function renderTable(rows: BenchRow[]): string;
