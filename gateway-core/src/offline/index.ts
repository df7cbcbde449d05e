// The offline assistant: answers from the documentation and the workspace, without any provider.
export {
  createOfflineAssistant,
  type FoundPassage,
  type OfflineAssistant,
  type OfflineAssistantDeps,
} from './assistant.js';
export type { OfflineEvent, OfflineFacts, OfflineRequest, StatusFact } from './types.js';
