package identity

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCheckWantsANameAndAPlace(t *testing.T) {
	whole := Stack{Environment: "staging", Region: "ap-northeast-1", AccountID: "111122223333"}
	assert.NoError(t, whole.Check())
	for _, without := range []func(*Stack){
		func(s *Stack) { s.Environment = "" }, func(s *Stack) { s.Region = "" }, func(s *Stack) { s.AccountID = "" },
	} {
		lacking := whole
		without(&lacking)
		assert.EqualError(t, lacking.Check(), "Environment, Region and AccountID are required")
	}
}

func TestDataIsProtectedUnlessTheStackMayGo(t *testing.T) {
	assert.True(t, Stack{}.Protect(), "the zero value is the safe one")
	assert.True(t, Stack{Production: true}.Protect())
	assert.False(t, Stack{Disposable: true}.Protect())
	assert.False(t, Stack{Teardown: true}.Protect())
}
