import type { AttributeValue } from '#src/model/telemetry.ts'
import { hashKey } from '#src/store/key-hash.ts'
import type { ClaudeFile } from './claude-line.ts'
import { isObject, type JsonObject, numberOf, objectOf, objectsOf, textOf } from './json.ts'

type Attributes = Record<string, AttributeValue | undefined>

/** What came of tools: whether they failed or were refused, and what tasks and subagents came of them. */
export function resultAttributes(line: JsonObject, results: readonly JsonObject[], file: ClaudeFile): Attributes {
  const outcome = {
    tool_results: results.map((result) => ({
      tool_use_id: textOf(result.tool_use_id) ?? null,
      is_error: result.is_error === true,
    })),
    ...(isRejected(line) ? { rejected: true } : undefined),
  }
  const { toolUseResult } = line
  if (!isObject(toolUseResult)) return outcome
  return {
    ...outcome,
    ...taskAttributes(toolUseResult),
    ...todoAttributes(toolUseResult),
    ...subagentAttributes(toolUseResult, textOf(results[0]?.tool_use_id), file),
  }
}

function isRejected({ permissionDecision, toolUseResult }: JsonObject): boolean {
  return objectOf(permissionDecision).decision === 'reject' || toolUseResult === 'User rejected tool use'
}

function taskAttributes({ task, taskId, statusChange }: JsonObject): Attributes | undefined {
  const created = textOf(objectOf(task).id)
  if (created !== undefined) return { task_id: created, task_change: 'created', task_status: 'pending' }
  const status = textOf(objectOf(statusChange).to)
  if (textOf(taskId) === undefined) return undefined
  return { task_id: textOf(taskId), task_change: 'updated', task_status: status }
}

/** The to-do list is written anew each time; what changed is told, without the items' text. */
function todoAttributes({ oldTodos, newTodos }: JsonObject): Attributes | undefined {
  if (!Array.isArray(newTodos)) return undefined
  const before = new Map(objectsOf(oldTodos).map((todo) => [todoId(todo), todo.status]))
  const changes = objectsOf(newTodos).flatMap((todo): AttributeValue[] => {
    const id = todoId(todo)
    const status = textOf(todo.status) ?? null
    if (!before.has(id)) return [{ task_id: id, task_change: 'created', task_status: status }]
    return before.get(id) === status ? [] : [{ task_id: id, task_change: 'updated', task_status: status }]
  })
  return changes.length === 0 ? undefined : { todos: changes }
}

// Newer lists have no ids. A hash tells items apart and nothing of what they say.
function todoId({ id, content }: JsonObject): string {
  return textOf(id) ?? `todo-${hashKey(textOf(content) ?? '').toString(36)}`
}

function subagentAttributes(result: JsonObject, callId: string | undefined, file: ClaudeFile): Attributes | undefined {
  const subagentId = textOf(result.agentId)
  const status = textOf(result.status)
  if (subagentId === undefined || status === undefined) return undefined
  const askedFor = callId === undefined ? undefined : file.askedFor.get(callId)
  return {
    subagent_id: subagentId,
    subagent_type: textOf(result.agentType) ?? askedFor,
    subagent_status: status,
    subagent_duration_ms: numberOf(result.totalDurationMs),
  }
}
