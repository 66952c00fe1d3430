import { jsonl } from '#exporters/jsonl/jsonl.ts'
import { markdown } from '#exporters/markdown/markdown.ts'
import { otlp as otlpExporter } from '#exporters/otlp/otlp.ts'
import { signoz } from '#exporters/signoz/signoz.ts'
import { alerting } from '#processors/alerting/alerting.ts'
import { baselineEma } from '#processors/baseline_ema/baseline_ema.ts'
import { kpiAggregation } from '#processors/kpi_aggregation/kpi_aggregation.ts'
import { redact } from '#processors/redact/redact.ts'
import { sessionGrouping } from '#processors/session_grouping/session_grouping.ts'
import { suggestionRules } from '#processors/suggestion_rules/suggestion_rules.ts'
import { claudeHooks } from '#receivers/claude_hooks/claude_hooks.ts'
import { jsonlFile } from '#receivers/jsonl_file/jsonl_file.ts'
import { otlp } from '#receivers/otlp/otlp.ts'
import { transcripts } from '#receivers/transcripts/transcripts.ts'
import type { Registry } from './component.ts'

/** Every component type of this build. The only file that imports the three component folders. */
export const components: Registry = [
  jsonlFile,
  otlp,
  claudeHooks,
  transcripts,
  sessionGrouping,
  kpiAggregation,
  baselineEma,
  alerting,
  suggestionRules,
  redact,
  jsonl,
  markdown,
  signoz,
  otlpExporter,
]
