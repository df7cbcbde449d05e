// The models room: which models there are, what a name means, and how one is called.
export { createModels, type ModelsDeps } from './create-models.js';
export { createModelsMethods } from './methods.js';
export type {
  ModelApi,
  ModelCost,
  ModelDefaults,
  ModelEvent,
  ModelRequest,
  Models,
  ModelTarget,
  ModelTool,
  OfflineModel,
} from './types.js';
