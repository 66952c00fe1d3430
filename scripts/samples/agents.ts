/** How sessions of one agent type look on average. Ratios are those of agentperf's KPIs. */
export interface Agent {
  readonly agentType: string
  readonly project: string
  readonly model: string
  readonly sessions: number
  /** Tools of its real work with their weights; `server/tool` is an MCP tool. */
  readonly tools: readonly (readonly [tool: string, weight: number])[]
  /** Calls of those tools in a session. */
  readonly calls: readonly [min: number, max: number]
  /** Subagents that it may call. */
  readonly subagents: readonly string[]
  readonly tokenEfficiency: number
  readonly cacheEfficiency: number
  readonly activeRatio: number
  readonly quality: number
  /** Share of its sessions that run into a compaction. */
  readonly compactionShare: number
  /** @param age of the session in the sample, from 0 (first) to 1 (last) */
  overheadAt(age: number): number
  errorRateAt(age: number): number
}

export const AGENTS: readonly Agent[] = [
  {
    agentType: 'translation-agent',
    project: 'reports',
    model: 'claude-opus-4-6',
    sessions: 12,
    tools: [
      ['Read', 12],
      ['Write', 6],
      ['Edit', 8],
      ['Bash', 4],
      ['Grep', 3],
      ['webresearch/visit_page', 2],
    ],
    calls: [32, 42],
    subagents: ['general-purpose'],
    tokenEfficiency: 0.0046,
    cacheEfficiency: 0.94,
    activeRatio: 0.68,
    quality: 0.94,
    compactionShare: 0.45,
    overheadAt: () => 0.42,
    errorRateAt: () => 0.01,
  },
  {
    agentType: 'code-reviewer',
    project: 'observability-toolkit',
    model: 'claude-opus-4-6',
    sessions: 13,
    tools: [
      ['Read', 16],
      ['Grep', 10],
      ['Bash', 8],
      ['Glob', 4],
      ['Edit', 2],
      ['github/get_pull_request', 2],
    ],
    calls: [28, 38],
    subagents: ['Explore', 'code-simplifier'],
    tokenEfficiency: 0.0041,
    cacheEfficiency: 0.955,
    activeRatio: 0.74,
    quality: 0.95,
    compactionShare: 0,
    // The visible improvement: tasks are planned in fewer, larger steps from the third week on.
    overheadAt: (age) => (age < 0.45 ? 0.95 : age < 0.7 ? 0.6 : 0.26),
    errorRateAt: () => 0.02,
  },
  {
    agentType: 'webscraping-research-analyst',
    project: 'austin-resources',
    model: 'claude-sonnet-4-6',
    sessions: 12,
    tools: [
      ['WebSearch', 9],
      ['WebFetch', 14],
      ['webresearch/visit_page', 9],
      ['Write', 3],
      ['Read', 3],
      ['Bash', 2],
    ],
    calls: [34, 46],
    subagents: [],
    tokenEfficiency: 0.0054,
    cacheEfficiency: 0.93,
    activeRatio: 0.62,
    quality: 0.91,
    compactionShare: 0.4,
    overheadAt: () => 0.22,
    // The visible regression: sites refuse its requests in the last week.
    errorRateAt: (age) => (age < 0.72 ? 0.025 : 0.17),
  },
  {
    agentType: 'genai-quality-monitor',
    project: 'observability-toolkit',
    model: 'claude-sonnet-4-6',
    sessions: 11,
    tools: [
      ['Bash', 14],
      ['Read', 10],
      ['Grep', 6],
      ['Write', 3],
      ['Glob', 2],
    ],
    calls: [24, 34],
    subagents: ['agent-auditor'],
    tokenEfficiency: 0.0037,
    cacheEfficiency: 0.962,
    activeRatio: 0.8,
    quality: 0.96,
    compactionShare: 0,
    overheadAt: () => 0.34,
    errorRateAt: () => 0.02,
  },
  {
    agentType: 'code-simplifier',
    project: 'hooks',
    model: 'claude-opus-4-6',
    sessions: 12,
    tools: [
      ['Edit', 14],
      ['Read', 12],
      ['Bash', 10],
      ['Grep', 5],
      ['MultiEdit', 2],
    ],
    calls: [28, 40],
    subagents: ['code-reviewer'],
    tokenEfficiency: 0.0061,
    cacheEfficiency: 0.948,
    activeRatio: 0.71,
    quality: 0.93,
    compactionShare: 0,
    overheadAt: () => 0.4,
    errorRateAt: () => 0.035,
  },
]
