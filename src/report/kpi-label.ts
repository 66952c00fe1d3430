import { CUSTOM_DISPLAY, type Display, formatKpi } from '../kpi/format.ts'
import { labelFromName } from '../kpi/label-from-name.ts'
import { type Direction, kpiDefinition } from '../kpi/table.ts'
import type { LedgerLine } from '../model/assessment.ts'

/** `Token Efficiency` for `token_efficiency`; a custom KPI has the label of its configuration, or one from its name. */
export function kpiLabel({ custom_kpis: custom }: Pick<LedgerLine, 'custom_kpis'>, kpi: string): string {
  const label = custom?.[kpi]?.label ?? kpiDefinition(kpi)?.label
  if (label !== undefined && label !== kpi) return label
  return labelFromName(kpi)
}

/** A KPI's value as people read it: `98.3 %`, `1.73`. */
export function kpiText(kpi: string, value: number): string {
  return formatKpi(value, kpiDisplay(kpi))
}

export function kpiDisplay(kpi: string): Display {
  return kpiDefinition(kpi) ?? CUSTOM_DISPLAY
}

/** Which way is better; `undefined` where the line does not tell it. */
export function kpiDirection({ custom_kpis: custom }: LedgerLine, kpi: string): Direction | undefined {
  return custom?.[kpi]?.direction ?? kpiDefinition(kpi)?.direction
}
