// The cron room: jobs on a schedule.
export { createCronMethods, type CronMethodName, type CronMethodsOptions } from './cron-methods.js';
