// The skills room: what agents know how to do.

/** Finding, judging and telling skills. */
export { createSkills, type SkillScope, type Skills, type SkillsOptions, type SkillsReport } from './create-skills.js';
export { SKILL_SOURCES, type Skill, type SkillSource, type SkillStatus } from './gate.js';
export { type SkillReach } from './prompt-text.js';
/** Runs installers as processes of this computer. */
export { createInstallRunner, type RunInstaller } from './install-runner.js';
/** Behind skills.install. */
export { createSkillInstaller, type Installed, type InstallerOptions } from './install-skill.js';
export { type FetchChunks, MAX_DOWNLOAD_BYTES } from './install-download.js';
/** Variables that no skill may set. */
export { isSkillVariable } from './skill-env.js';
/** skills.status, skills.bins, skills.install, skills.update (spec/gateway-protocol.md §7.5). */
export { createSkillsMethods, type SkillsMethodName, type SkillsMethodsOptions } from './skills-methods.js';
