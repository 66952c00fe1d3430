import type { SuggestionRule } from '#src/suggestion/rule.ts'

// Made from rules.yaml by scripts/generate-rules.ts: reading YAML would take a noticeable part of each start.

/** The rules that come with agentperf. */
export const BUILT_IN_RULES: readonly SuggestionRule[] = [
  {
    name: 'background-agents',
    when: {
      standard: 'deviations.token_efficiency >= 1 && kpis.token_efficiency <= 0.8 * baselines.token_efficiency',
      seed: 'kpis.token_efficiency < 0.02',
    },
    priority: 'CRITICAL',
    category: 'architecture',
    title: 'Use background agents for independent work units',
    description:
      'Launch a dedicated agent for each document or other unit of work, with the context that it needs pre-loaded.',
    implementation:
      'Split the work into units that do not depend on each other. Start a background agent for each, hand it the context that it needs and nothing else, and only collect the results.',
    kpi: 'token_efficiency',
    impact: {
      kpi: 'token_efficiency',
      direction: 'increase',
      magnitude: '10-20x',
      summary: '10-20x improvement in token efficiency',
    },
    rank: 1,
    evidence: {
      'input tokens per output token': '(totals.fresh_input_tokens + totals.cache_read_tokens) / totals.output_tokens',
    },
  },
  {
    name: 'batch-task-operations',
    when: {
      standard:
        'deviations.tool_overhead_ratio >= 1 && kpis.tool_overhead_ratio >= 1.2 * baselines.tool_overhead_ratio',
      seed: 'kpis.tool_overhead_ratio > 1',
    },
    priority: 'HIGH',
    category: 'tooling',
    title: 'Batch task operations to reduce overhead',
    description: 'Most calls manage tasks instead of doing the work. Plan the whole work once, in few tasks.',
    implementation:
      'Create all tasks together at the beginning, one for each result that somebody will look at, and update a task only when it is begun and when it is done.',
    kpi: 'tool_overhead_ratio',
    impact: {
      kpi: 'tool_overhead_ratio',
      direction: 'decrease',
      magnitude: '~50%',
      summary: '~50% reduction in management tool calls',
    },
    rank: 2,
    evidence: {
      'TaskCreate calls': 'tools.TaskCreate.calls',
      'TaskUpdate calls': 'tools.TaskUpdate.calls',
      'all tool calls': 'totals.tool_calls',
    },
  },
  {
    name: 'preload-sources',
    when: {
      standard:
        'agent_type.startsWith("translation") && has(tools.Write) && (!has(tools.Read) || tools.Read.calls < tools.Write.calls)',
      seed: 'agent_type.startsWith("translation") && has(tools.Write) && (!has(tools.Read) || tools.Read.calls < tools.Write.calls)',
    },
    priority: 'HIGH',
    category: 'workflow',
    title: 'Pre-load all source documents at session start',
    description:
      'Documents were written without reading as many sources. Load source documents and voice profiles first.',
    implementation:
      'Read every source document and voice profile that a result depends on before the first result is written.',
    impact: {
      kpi: 'quality_hallucination',
      direction: 'decrease',
      magnitude: 'clear',
      summary: 'Reduce hallucination, improve faithfulness',
    },
    rank: 3,
    evidence: { 'Read calls': 'has(tools.Read) ? tools.Read.calls : 0', 'Write calls': 'tools.Write.calls' },
  },
  {
    name: 'auto-close-tasks',
    when: {
      standard:
        'deviations.task_completion_rate >= 1 && kpis.task_completion_rate <= 0.85 * baselines.task_completion_rate',
      seed: 'kpis.task_completion_rate < 0.85',
    },
    priority: 'MEDIUM',
    category: 'workflow',
    title: 'Implement auto-close logic for tasks',
    description: 'Tasks stay open after their work is done. When a Write completes, close the task that it belongs to.',
    implementation:
      'Set a task to completed in the same turn in which its last file was written; before the session ends, go through the task list and close or delete what is left.',
    kpi: 'task_completion_rate',
    impact: {
      kpi: 'task_completion_rate',
      direction: 'increase',
      magnitude: 'to 0.95',
      summary: 'Improve work tracking hygiene',
    },
    rank: 4,
    evidence: { 'tasks created': 'totals.tasks_created', 'tasks completed': 'totals.tasks_completed' },
  },
  {
    name: 'idle-timeout',
    when: {
      standard: 'deviations.active_time_ratio >= 1 && kpis.active_time_ratio <= 0.8 * baselines.active_time_ratio',
      seed: 'kpis.active_time_ratio < 0.40',
    },
    priority: 'MEDIUM',
    category: 'workflow',
    title: 'Set 30-minute idle timeout with auto-hibernation',
    description: 'The session was open much longer than anything happened in it.',
    implementation:
      'End a session that was idle for 30 minutes and resume it when there is work, or end it as soon as the work is done.',
    kpi: 'active_time_ratio',
    impact: { kpi: 'active_time_ratio', direction: 'increase', magnitude: 'to 0.6', summary: 'Reclaim idle resources' },
    rank: 5,
    evidence: { 'hours from first to last activity': 'duration_seconds / 3600' },
  },
  {
    name: 'cache-friendly-prompts',
    when: {
      standard: 'deviations.cache_efficiency >= 1 && kpis.cache_efficiency <= 0.9 * baselines.cache_efficiency',
      seed: 'kpis.cache_efficiency < 0.80',
    },
    priority: 'LOW',
    category: 'architecture',
    title: 'Review prompt structure for cache-friendly patterns',
    description: 'Much of the input was not read from the cache, so that it was paid in full.',
    implementation:
      'Keep what does not change (instructions, tool definitions, documents) at the beginning of prompts and in the same order, and put what changes (time, state, the question) at the end.',
    kpi: 'cache_efficiency',
    impact: { kpi: 'cache_efficiency', direction: 'increase', magnitude: 'to 0.9', summary: 'Reduce API costs 50-80%' },
    rank: 6,
    evidence: {
      'tokens read from the cache': 'totals.cache_read_tokens',
      'tokens written to the cache': 'totals.cache_creation_tokens',
    },
  },
]
