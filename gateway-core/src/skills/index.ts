// The skills room: what agents know how to do.
export { createSkillsMethods, type SkillsMethodName, type SkillsMethodsOptions } from './skills-methods.js';
