package promote

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// health is how the site is asked whether it works.
type health struct {
	paths    []string
	attempts int
	streak   int // how often in a row all paths must answer
	pause    time.Duration
}

// answerTimeout is how long one answer may take.
const answerTimeout = 10 * time.Second

// wait asks until every path has answered often enough in a row.
func (h health) wait(ctx context.Context, site string) error {
	client := &http.Client{Timeout: answerTimeout}
	var last error
	streak := 0
	for attempt := range h.attempts {
		if attempt > 0 {
			select {
			case <-ctx.Done():
				return fmt.Errorf("ask the site: %w", ctx.Err())
			case <-time.After(h.pause):
			}
		}
		if err := h.ask(ctx, client, site); err != nil {
			last, streak = err, 0
			continue
		}
		if streak++; streak == h.streak {
			return nil
		}
	}
	if last == nil {
		return fmt.Errorf("ask the site: it answered %d times in a row, want %d", streak, h.streak)
	}
	return fmt.Errorf("ask the site: it did not answer %d times in a row in %d attempts; the last failure: %w",
		h.streak, h.attempts, last)
}

func (h health) ask(ctx context.Context, client *http.Client, site string) error {
	for _, path := range h.paths {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, site+path, nil)
		if err != nil {
			return fmt.Errorf("ask %s: %w", site+path, err)
		}
		response, err := client.Do(request)
		if err != nil {
			return err // it names the address
		}
		if err := response.Body.Close(); err != nil {
			return fmt.Errorf("ask %s: %w", site+path, err)
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("ask %s: found status %d, want 200", site+path, response.StatusCode)
		}
	}
	return nil
}
