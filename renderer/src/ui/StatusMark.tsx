// The shape of a status: never colour alone.
import clsx from 'clsx';
import type { StatusKind } from '../data/derive-status.js';

const COLOURS: Record<StatusKind, string> = {
  starting: 'text-info',
  ready: 'text-success',
  working: 'text-progress',
  stopped: 'text-neutral',
  failed: 'text-error',
  reconnecting: 'text-warning',
};

function shape(kind: StatusKind) {
  switch (kind) {
    case 'starting':
      return (
        <circle
          cx="6"
          cy="6"
          r="4"
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
          strokeDasharray="17 8"
          strokeLinecap="round"
        />
      );
    case 'ready':
      return <circle cx="6" cy="6" r="4" fill="currentColor" />;
    case 'working':
      return (
        <>
          <circle cx="6" cy="6" r="2.5" fill="currentColor" />
          <circle className="pulse" cx="6" cy="6" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </>
      );
    case 'stopped':
      return <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />;
    case 'failed':
      return <path d="M2.5 2.5l7 7M9.5 2.5l-7 7" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />;
    case 'reconnecting':
      return (
        <circle cx="6" cy="6" r="4.25" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="4 2.7" />
      );
  }
}

export function StatusMark({ kind, className }: { kind: StatusKind; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 12 12"
      className={clsx('state-mark size-3 shrink-0', COLOURS[kind], kind === 'starting' && 'spin', className)}
    >
      {shape(kind)}
    </svg>
  );
}

/** A small turning ring for things that are being done. */
export function Spinner({ label, className }: { label?: string; className?: string }) {
  return (
    <svg
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      viewBox="0 0 12 12"
      className={clsx('state-mark spin size-3 shrink-0 text-progress', className)}
    >
      <circle
        cx="6"
        cy="6"
        r="4.5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeDasharray="18 10.3"
        strokeLinecap="round"
      />
    </svg>
  );
}
