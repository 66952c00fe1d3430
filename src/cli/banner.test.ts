import { expect, test } from 'vitest'
import { bannerText } from './banner.ts'
import { loadConfiguration } from './configuration.ts'

const ROOT = new URL('../../', import.meta.url).pathname

test('the banner names every place where telemetry comes in', async () => {
  const config = await loadConfiguration(
    { config: ['pipelines.yaml'], set: ['receivers.otlp.protocols.http.endpoint=unix:/run/agentperf.sock'] },
    { cwd: ROOT, env: { HOME: '/home/ada' } },
  )
  expect(bannerText(config, '/data', 'http://127.0.0.1:13133', 'agentperf')).toBe(`agentperf
  reads    /home/ada/.claude/telemetry/{traces,evaluations,logs}-*.jsonl
  reads    /home/ada/.claude-history/telemetry/{traces,evaluations,logs}-*.jsonl
  reads    /home/ada/.claude/projects/**/*.jsonl
  reads    /home/ada/.codex/sessions/**/rollout-*.jsonl
  listens  http unix:/run/agentperf.sock (otlp)
  listens  grpc 127.0.0.1:4327 (otlp)
  listens  127.0.0.1:4319 (claude_hooks)
  writes   /data/history/kpis.jsonl, baselines/, reports/, sessions/
  serves   http://127.0.0.1:13133/healthz, /status and /metrics
  next     agentperf sessions (or report <session>, doctor, demo, --help)
  stop     Ctrl-C: open sessions are saved
`)
})
