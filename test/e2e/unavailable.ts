/** Why the suite cannot run on this machine. What is wrong with agentperf is never one. */
export class Unavailable extends Error {}
