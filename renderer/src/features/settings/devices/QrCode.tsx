// A text as a QR code: one path, drawn in the browser.
import clsx from 'clsx';
import { useEffect, useState } from 'react';
import { qrPath } from './qr-path.js';

const QUIET = 3;

interface Drawn {
  text: string;
  path: string;
  size: number;
}

async function draw(text: string): Promise<Drawn> {
  const { create } = await import('qrcode');
  const { modules } = create(text, { errorCorrectionLevel: 'L' });
  return { text, path: qrPath(modules, QUIET), size: modules.size + 2 * QUIET };
}

/** Always dark on white: cameras do not follow the theme. */
export function QrCode({ text, label, isFaded = false }: { text: string; label: string; isFaded?: boolean }) {
  const [drawn, setDrawn] = useState<Drawn>();
  useEffect(() => {
    let isOver = false;
    const show = async () => {
      const next = await draw(text);
      if (!isOver) setDrawn(next);
    };
    void show();
    return () => {
      isOver = true;
    };
  }, [text]);
  const size = drawn?.size ?? 1;
  return (
    <svg
      role="img"
      aria-label={label}
      data-testid="setup-qr"
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className={clsx('qr size-52 rounded-md', isFaded && 'opacity-25')}
    >
      <rect className="qr-light" width={size} height={size} />
      {drawn && <path className="qr-dark" d={drawn.path} />}
    </svg>
  );
}
