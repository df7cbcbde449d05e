// Paired devices, pairing requests and device tokens (spec/gateway-protocol.md §7.7).
import * as Type from 'typebox';
import { method } from './define.js';

const text = Type.String();
const nonEmpty = Type.String({ minLength: 1 });
const optionalText = Type.Optional(text);
const texts = Type.Array(text);
const time = Type.Integer({ minimum: 0 });
const strict = { additionalProperties: false } as const;

const about = {
  deviceId: text,
  publicKey: text,
  displayName: optionalText,
  platform: optionalText,
  deviceFamily: optionalText,
  clientId: optionalText,
  clientMode: optionalText,
  role: optionalText,
  roles: Type.Optional(texts),
  scopes: Type.Optional(texts),
  remoteIp: optionalText,
};

const PendingDevice = Type.Object({
  requestId: text,
  ...about,
  silent: Type.Optional(Type.Boolean()),
  isRepair: Type.Optional(Type.Boolean()),
  ts: time,
});

/** A device as lists show it: tokens without their values. */
const PairedDeviceView = Type.Object({
  ...about,
  createdAtMs: time,
  approvedAtMs: time,
  tokens: Type.Array(
    Type.Object(
      {
        role: text,
        scopes: texts,
        createdAtMs: time,
        rotatedAtMs: Type.Optional(time),
        revokedAtMs: Type.Optional(time),
        lastUsedAtMs: Type.Optional(time),
      },
      strict,
    ),
  ),
});

const byRequest = Type.Object({ requestId: nonEmpty }, strict);

export const devicesMethods = {
  'device.pair.list': method({
    params: Type.Object({}, strict),
    result: Type.Object({ pending: Type.Array(PendingDevice), paired: Type.Array(PairedDeviceView) }),
    scope: 'operator.pairing',
  }),
  'device.pair.approve': method({
    params: byRequest,
    result: Type.Object({ requestId: text, device: PairedDeviceView }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'device.pair.reject': method({
    params: byRequest,
    result: Type.Object({ requestId: text, deviceId: text }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'device.pair.remove': method({
    params: Type.Object({ deviceId: nonEmpty }, strict),
    result: Type.Object({ deviceId: text }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'device.token.rotate': method({
    params: Type.Object({ deviceId: nonEmpty, role: nonEmpty, scopes: Type.Optional(Type.Array(nonEmpty)) }, strict),
    /** `token` is told to everybody in protocol 3, and to the device alone in protocol 4. */
    result: Type.Object({ deviceId: text, role: text, token: optionalText, scopes: texts, rotatedAtMs: time }),
    scope: 'operator.pairing',
    mutates: true,
  }),
  'device.token.revoke': method({
    params: Type.Object({ deviceId: nonEmpty, role: nonEmpty }, strict),
    result: Type.Object({ deviceId: text, role: text, revokedAtMs: time }),
    scope: 'operator.pairing',
    mutates: true,
  }),
};
