package promote

import (
	"context"
	"fmt"
	"strings"

	"github.com/bookmark-manager/infrastructure/internal/command"
)

// refuseOlder refuses a version that the stack has left behind: one that was released to it and
// followed by another one, or one that came to staging before what the stack runs now. Two
// promotions that are approved in reverse would otherwise take production back.
func (p *promotion) refuseOlder(ctx context.Context, running map[string]bool) error {
	if p.back || running[p.version] || len(running) == 0 {
		return nil
	}
	raw, err := p.Output(ctx, "git", "log", "--format=%s")
	if err != nil {
		return err
	}
	subjects := strings.Split(string(raw), "\n") // the latest first
	refuse := func(why string) error {
		return command.Exit(exitBehind,
			fmt.Errorf("release %s to %s: %s; to go back to it on purpose, add --back", p.version, p.stack, why))
	}
	if i := index(subjects, p.version, p.stack); i >= 0 && !reverted(subjects[:i], p.version, p.stack) {
		return refuse("it was there before, and another version has followed it")
	}
	mine := index(subjects, p.version, firstStack)
	for version := range running {
		if theirs := index(subjects, version, firstStack); mine >= 0 && theirs >= 0 && theirs < mine {
			return refuse(fmt.Sprintf("%s has %s, which came to %s after it", p.stack, version, firstStack))
		}
	}
	return nil
}

// firstStack is where every version comes first.
const firstStack = "staging"

func subject(version, stack string) string { return fmt.Sprintf("Release %s to %s", version, stack) }

// index is how many commits ago a version came to a stack; -1 if it never did.
func index(subjects []string, version, stack string) int {
	for i, one := range subjects {
		if one == subject(version, stack) {
			return i
		}
	}
	return -1
}

// reverted says whether a release that failed was taken back: it may be tried again.
func reverted(after []string, version, stack string) bool {
	for _, one := range after {
		if one == fmt.Sprintf("Revert %q", subject(version, stack)) {
			return true
		}
	}
	return false
}
