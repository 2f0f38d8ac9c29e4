// Package identity is what every component must know of the stack that it is part of.
package identity

import (
	"errors"

	"github.com/bookmark-manager/infrastructure/internal/names"
)

// Stack says which stack a component is part of, where that lives, and what may become of it. The
// arguments of components embed it.
type Stack struct {
	// Environment is the first part of names. Required.
	Environment names.Environment
	// Region holds everything but what AWS has in us-east-1 alone. Required.
	Region string
	// AccountID is the account's 12 digits. Required.
	AccountID string
	// Production says that the stack holds customers' data and must not stop.
	Production bool
	// Disposable takes every protection from what holds data and leaves no final snapshot. Refused
	// in production.
	Disposable bool
	// Teardown lifts the protections, so that a destroy can follow. What holds data leaves its
	// final snapshot.
	Teardown bool
}

// Check refuses a stack without a name or a place.
func (s Stack) Check() error {
	if s.Environment == "" || s.Region == "" || s.AccountID == "" {
		return errors.New("Environment, Region and AccountID are required")
	}
	return nil
}

// Protect says whether what holds data refuses to be deleted.
func (s Stack) Protect() bool { return !s.Disposable && !s.Teardown }
