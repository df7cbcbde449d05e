// For tests: a small schema, and places in texts marked with | where keys are offered.
import type { SchemaPage } from './complete-keys.js';

const page: SchemaPage = {
  schema: {
    type: 'object',
    properties: {
      gateway: {
        type: 'object',
        properties: { port: { type: 'integer' }, bind: { anyOf: [{ type: 'string' }] }, auth: { type: 'object' } },
      },
      agents: {
        type: 'object',
        properties: { list: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' } } } } },
      },
      models: {
        anyOf: [{ type: 'string' }, { type: 'object', additionalProperties: { properties: { apiKey: {} } } }],
      },
    },
  },
  uiHints: { 'gateway.port': { help: 'Where it listens.' } },
};

export const completeTable: {
  page: SchemaPage;
  places: Array<[text: string, keys: string[] | undefined]>;
  inserts: Array<[text: string, key: string, after: string]>;
} = {
  page,
  places: [
    ['{ | }', ['gateway', 'agents', 'models']],
    ['{\n  g|\n}', ['gateway']],
    ['{ gateway: { port: 1, | } }', ['bind', 'auth']],
    ['{ gateway: { "p| } }', ['port']],
    ['{ gateway: { port: | } }', undefined],
    ['{ agents: { list: [{ | }] } }', ['id']],
    ['{ agents: { list: [ | ] } }', undefined],
    ['{ models: { x: { a| } } }', ['apiKey']],
    ['{ gateway: {\n  // note\n  a|', ['auth']],
  ],
  inserts: [
    ['{ gateway: { p| } }', 'port', '{ gateway: { port: | } }'],
    ['{ g| }', 'gateway', '{ gateway: {|} }'],
    ['{ g|\n b: 1 }', 'gateway', '{ gateway: {|},\n b: 1 }'],
    ['{ "g|" }', 'gateway', '{ "gateway": {|} }'],
    ['{ g|: 1 }', 'gateway', '{ gateway|: 1 }'],
  ],
};
