/** The name of the constraint that a failed statement violated, or undefined. Constraints are named for the rule they enforce. */
export function violatedConstraint(error: unknown): string | undefined {
  const driver = (error as { driverError?: { code?: string; constraint?: string } }).driverError;
  return driver?.code === '23505' || driver?.code === '23514' || driver?.code === '23503' ? driver.constraint : undefined;
}
