// Pure: checks the signature that Stripe puts on its webhooks.
import { createHmac } from 'node:crypto';
import { secretsMatch } from '../../../devices/index.js';

export interface StripeProof {
  /** The `Stripe-Signature` header. */
  header: string;
  body: Buffer;
  secret: string;
  nowMs: number;
}

const TOLERANCE_MS = 300_000;

/** True when one of the header's signatures is right and its time is not older, or later, than five minutes. */
export function isStripeSigned({ header, body, secret, nowMs }: StripeProof): boolean {
  const fields = header.split(',').map((field) => field.trim().split('=', 2));
  const time = fields.find(([name]) => name === 't')?.[1] ?? '';
  if (!/^\d{1,12}$/.test(time) || Math.abs(nowMs - Number(time) * 1000) > TOLERANCE_MS) return false;
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
  return fields.some(([name, value]) => name === 'v1' && value !== undefined && secretsMatch(value, expected));
}
