// Package types has what a log consists of.
package types

// FilteredLogEvent is an event of a log.
type FilteredLogEvent struct {
	Message   *string
	Timestamp *int64
}
