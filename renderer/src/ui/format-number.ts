// Amounts as people read them: tokens, money, shares.
const COMPACT = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });

/** `950`, `12.3K`, `1.2M`. */
export function formatCount(value: number): string {
  return COMPACT.format(value);
}

/** Every digit, for tables: `12,345`. */
export function formatWhole(value: number): string {
  return WHOLE.format(value);
}

/** US dollars; small sums keep enough digits to say something. */
export function formatUsd(value: number): string {
  const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2;
  return `$${value.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: digits })}`;
}

/** A share of 1 as whole per cent; a little is not nothing. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.005) return '< 1 %';
  return `${Math.round(share * 100)} %`;
}
