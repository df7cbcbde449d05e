// Pure: the dark squares of a QR code as one SVG path.

export interface QrModules {
  size: number;
  /** Row by row; not zero is dark. */
  data: ArrayLike<number>;
}

/** Runs of dark squares as horizontal bars, one unit high, after `quiet` units of margin. */
export function qrPath({ size, data }: QrModules, quiet = 4): string {
  const bars: string[] = [];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (!data[y * size + x]) continue;
      const start = x;
      while (x + 1 < size && data[y * size + x + 1]) x++;
      const width = x - start + 1;
      bars.push(`M${start + quiet} ${y + quiet}h${width}v1h-${width}z`);
    }
  }
  return bars.join('');
}
