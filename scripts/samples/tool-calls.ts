import type { Agent } from './agents.ts'
import type { Random } from './random.ts'

/** One call of a tool, with what the hook recorded about a task. */
export interface ToolCall {
  readonly tool: string
  readonly failed: boolean
  readonly taskId?: string
  readonly taskStatus?: 'in_progress' | 'completed' | 'deleted'
}

/** Calls of one session in order: tasks are created, worked on one after the other, and most are completed. */
export function toolCalls(agent: Agent, age: number, random: Random): readonly ToolCall[] {
  const work = workCalls(agent, age, random)
  const management = Math.max(3, Math.round(work.length * agent.overheadAt(age) * random.between(0.72, 1.28)))
  const tasks = Math.floor(management / 3)
  const lists = management - 3 * tasks
  const chunk = Math.ceil(work.length / tasks)

  const calls: ToolCall[] = Array.from({ length: tasks }, () => ({ tool: 'TaskCreate', failed: false }))
  for (let task = 1; task <= tasks; task++) {
    const taskId = String(task)
    calls.push({ tool: 'TaskUpdate', failed: false, taskId, taskStatus: 'in_progress' })
    calls.push(...work.slice((task - 1) * chunk, task * chunk))
    if (task <= lists) calls.push({ tool: 'TaskList', failed: false })
    const abandoned = task === tasks && tasks > 3 && random.chance(0.12)
    const ended = random.chance(0.04) ? 'deleted' : 'completed'
    if (!abandoned) calls.push({ tool: 'TaskUpdate', failed: false, taskId, taskStatus: ended })
  }
  return calls
}

function workCalls(agent: Agent, age: number, random: Random): readonly ToolCall[] {
  const count = random.integer(...agent.calls)
  const failures = Math.floor(count * agent.errorRateAt(age) + random.next())
  const failed = new Set<number>()
  while (failed.size < failures) failed.add(random.integer(0, count - 1))
  return Array.from({ length: count }, (_, n) => ({ tool: weighted(agent.tools, random), failed: failed.has(n) }))
}

function weighted(tools: Agent['tools'], random: Random): string {
  let left = random.next() * tools.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [tool, weight] of tools) {
    left -= weight
    if (left < 0) return tool
  }
  return 'Bash'
}
