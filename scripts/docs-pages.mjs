// The generated pages as text: tables from the protocol and from the error register. Pure.

const MADE = '<!-- Made by `npm run docs`. Change the source, not this page. -->';

const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');

function table(head, rows) {
  const line = (cells) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const LISTED_VALUES = 4;
const LISTED_KEYS = 8;

/** Keys of an object inside an object, without their types. */
function keyWords({ properties, required = [] }) {
  const keys = Object.keys(properties).map((key) => (required.includes(key) ? key : `${key}?`));
  const shown = keys.length > LISTED_KEYS ? [...keys.slice(0, LISTED_KEYS), '…'] : keys;
  return `{ ${shown.join(', ')} }`;
}

const hasKeys = (schema) => Object.keys(schema.properties ?? {}).length > 0;

/** A short word for the type of one property of a JSON Schema. */
export function typeWord(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const options = schema.enum?.map((value) => JSON.stringify(value)) ?? schema.anyOf?.map(typeWord);
  if (options) {
    const words = [...new Set(options)];
    return words.length > LISTED_VALUES ? `${words.slice(0, LISTED_VALUES).join(' or ')} or …` : words.join(' or ');
  }
  if (schema.type === 'array') return `${typeWord(schema.items ?? {})}[]`;
  return hasKeys(schema) ? keyWords(schema) : (schema.type ?? 'any');
}

/** `key, other?` with types, from the properties of an object schema. */
export function describeParams(schema) {
  const required = new Set(schema.required ?? []);
  const keys = Object.entries(schema.properties ?? {});
  if (keys.length === 0) return schema.type === 'object' ? '–' : typeWord(schema);
  return keys.map(([key, value]) => `\`${key}${required.has(key) ? '' : '?'}\` ${typeWord(value)}`).join(', ');
}

/** What a whole payload may be: its keys, a list of things with keys, or one of several. */
export function describeSchema(schema) {
  if (schema.anyOf?.some(hasKeys)) return schema.anyOf.map(describeSchema).join(' — or — ');
  if (schema.allOf) return schema.allOf.map(describeSchema).join(', ');
  if (schema.type === 'array' && hasKeys(schema.items ?? {})) return `list of: ${describeSchema(schema.items)}`;
  if (schema.patternProperties) return 'object';
  return describeParams(schema);
}

/** A table that the formatter leaves as narrow as it is: aligned, its widest cell would pad every other. */
const wideTable = (head, rows) =>
  `<!-- prettier-ignore-start -->\n\n${table(head, rows)}\n\n<!-- prettier-ignore-end -->`;

const SCOPE_WORDS = { any: 'none', node: 'node role' };

function methodRows(methods) {
  return Object.entries(methods).map(([name, spec]) => [
    `\`${name}\``,
    SCOPE_WORDS[spec.scope] ?? `\`${spec.scope}\``,
    spec.mutates ? 'yes' : '',
    spec.advertised === false ? '' : 'yes',
    describeSchema(spec.params),
    describeSchema(spec.result),
  ]);
}

function eventRows(events) {
  return Object.entries(events).map(([name, spec]) => [
    `\`${name}\``,
    spec.scope ? `\`${spec.scope}\`` : spec.targeted ? 'whom it concerns' : 'everyone',
    spec.targeted ? 'chosen connections, no `seq`' : spec.droppable ? 'skipped for a slow client' : 'always',
    describeSchema(spec.payload),
  ]);
}

/** docs/protocol.md */
export function protocolPage({ methods, events, LIMITS, CLOSE, PROTOCOL_VERSIONS, WIRE_ERROR_CODES }) {
  const pairs = (record) => Object.entries(record).map(([key, value]) => [`\`${key}\``, value]);
  return `${MADE}

# The wire

JSON text frames over one WebSocket, protocol versions ${PROTOCOL_VERSIONS.join(' and ')}. The gateway sends
\`connect.challenge\`; the first frame of a client is the request \`connect\`; the answer is \`hello-ok\`.
After that every request \`{type:"req", id, method, params}\` gets a response \`{type:"res", id, ok, payload | error}\`,
and events \`{type:"event", event, payload, seq}\` arrive at any time. The source is \`gateway-core/src/protocol\`.

## Methods

"Listed" means that \`hello-ok.features.methods\` names the method. A key with \`?\` may be absent; "–" stands for an
object without keys, "any" for a value that is passed on as it is.

${wideTable(['Method', 'Scope', 'Changes state', 'Listed', 'Params', 'Result'], methodRows(methods))}

## Events

${wideTable(['Event', 'Who hears it', 'Delivery', 'Payload'], eventRows(events))}

## Error codes

${WIRE_ERROR_CODES.map((code) => `\`${code}\``).join(' · ')}. The finer code of an expected error is in \`error.details.code\`; see [errors](errors.md).

## Limits (bytes, milliseconds, counts)

${table(['Limit', 'Value'], pairs(LIMITS))}

## Close codes

${table(['Meaning', 'Code'], pairs(CLOSE))}
`;
}

/** docs/errors.md */
export function errorsPage(rows) {
  const cells = rows.map((row) => [
    `\`${row.code}\``,
    row.sentence,
    row.hint ?? '',
    row.httpStatus,
    `\`${row.wire}\``,
    row.retryable ? 'yes' : '',
  ]);
  return `${MADE}

# Errors

Every expected error has a row in \`gateway-core/src/shared/error-register.ts\`. The sentence says what failed, the
hint says what to do. "Wire" is the code in a response frame; "again" means that the same request may work later.

${table(['Code', 'What it says', 'What to do', 'HTTP', 'Wire', 'Again'], cells)}
`;
}
