package observability

// orDefault is the value, or the default when the configuration leaves it out.
func orDefault[T int | float64 | string](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
