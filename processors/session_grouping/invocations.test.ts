import { expect, test } from 'vitest'
import type { InvocationStatus } from '#src/model/activity.ts'
import { type InvocationMark, pairInvocations } from './invocations.ts'

const start = (timeMs: number, agentType = 'explore', invocationId?: string): InvocationMark => ({
  kind: 'start',
  timeMs,
  agentType,
  invocationId,
  status: 'running',
  final: true,
})

const end = (timeMs: number, status: InvocationStatus, rest: Partial<InvocationMark> = {}): InvocationMark => ({
  kind: 'end',
  timeMs,
  agentType: 'explore',
  invocationId: undefined,
  status,
  final: false,
  ...rest,
})

function shape(marks: readonly InvocationMark[]): unknown[] {
  return pairInvocations(marks, 's1').map(({ agentType, startedAtMs, endedAtMs, status }) => [
    agentType,
    startedAtMs,
    endedAtMs,
    status,
  ])
}

test.for<{ name: string; marks: InvocationMark[]; invocations: unknown[] }>([
  { name: 'none', marks: [], invocations: [] },
  { name: 'one', marks: [start(1), end(9, 'success')], invocations: [['explore', 1, 9, 'success']] },
  { name: 'still running', marks: [start(1)], invocations: [['explore', 1, undefined, 'running']] },
  { name: 'only its end was seen', marks: [end(9, 'failure')], invocations: [['explore', undefined, 9, 'failure']] },
  {
    name: 'parallel ones of one type: the oldest start ends first',
    marks: [start(1), start(2), end(8, 'success'), end(9, 'failure')],
    invocations: [
      ['explore', 1, 8, 'success'],
      ['explore', 2, 9, 'failure'],
    ],
  },
  {
    name: 'of two types, interleaved',
    marks: [start(1), start(2, 'review'), end(8, 'success', { agentType: 'review' }), end(9, 'success')],
    invocations: [
      ['explore', 1, 9, 'success'],
      ['review', 2, 8, 'success'],
    ],
  },
  {
    name: 'a background one: its tool call returns at once, its stop is the end',
    marks: [start(1), end(2, 'success'), end(60, 'unknown', { final: true })],
    invocations: [['explore', 1, 60, 'success']],
  },
  {
    name: 'by id, whatever the type says',
    marks: [start(1, 'explore', 'a'), start(2, 'explore', 'b'), end(5, 'success', { invocationId: 'b' })],
    invocations: [
      ['explore', 1, undefined, 'running'],
      ['explore', 2, 5, 'success'],
    ],
  },
  {
    name: 'one id told by several sources: one invocation, with the type that says most',
    marks: [
      start(3, 'unknown', 'a'),
      start(4, 'custom', 'a'),
      end(8, 'success', { invocationId: 'a', agentType: 'review' }),
      end(9, 'unknown', { invocationId: 'a', agentType: 'unknown' }),
    ],
    invocations: [['review', 3, 9, 'success']],
  },
  {
    name: 'without ids they count only where none has one',
    marks: [start(1), end(5, 'success'), start(2, 'explore', 'a'), end(4, 'success', { invocationId: 'a' })],
    invocations: [['explore', 2, 4, 'success']],
  },
])('$name', ({ marks, invocations }) => {
  expect(shape(marks)).toEqual(invocations)
  expect(shape(marks.toReversed())).toEqual(invocations)
})

test('ids are stable and name the session', () => {
  const ids = pairInvocations([start(1), start(2)], 's1').map(({ invocationId }) => invocationId)
  expect(ids).toEqual(['s1/explore/0', 's1/explore/1'])
})
