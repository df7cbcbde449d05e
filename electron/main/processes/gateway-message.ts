// Reads what the gateway process says; a message of another form is a fault of ours and is named.
import * as Type from 'typebox';
import { Check } from 'typebox/value';
import type { GatewayProcessMessage } from '../../contract/desktop.js';

const text = Type.String();
const optionalText = Type.Optional(text);

const schema = Type.Union([
  Type.Object({ type: Type.Literal('starting'), step: text }),
  Type.Object({
    type: Type.Literal('ready'),
    url: text,
    httpUrl: text,
    token: optionalText,
    password: optionalText,
    tlsFingerprint: optionalText,
    logFile: text,
  }),
  Type.Object({ type: Type.Literal('activity'), working: Type.Integer({ minimum: 0 }) }),
  Type.Object({ type: Type.Literal('failed'), code: text, message: text, hint: optionalText }),
]);

/** The message, or undefined when it has another form. */
export function readGatewayMessage(value: unknown): GatewayProcessMessage | undefined {
  return Check(schema, value) ? value : undefined;
}
