/** How people read a KPI. */
export interface Display {
  readonly display: 'decimal' | 'percent'
  readonly decimals: number
}

/** How a KPI is shown that the configuration defines. */
export const CUSTOM_DISPLAY: Display = { display: 'decimal', decimals: 2 }

/** A value as people read it: rounded, `0.1 %` or `0.12`. A value too small for its decimals keeps two digits. */
export function formatKpi(value: number, { display, decimals }: Display): string {
  const shown = display === 'percent' ? value * 100 : value
  const rounded = shown.toFixed(decimals)
  const text = shown !== 0 && Number(rounded) === 0 ? String(Number(shown.toPrecision(2))) : rounded
  return display === 'percent' ? `${text} %` : text
}
