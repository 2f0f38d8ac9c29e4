package compute

import (
	"fmt"
	"slices"

	"github.com/bookmark-manager/infrastructure/internal/settings"
)

// fargateSize is a CPU size with the memory sizes that Fargate has for it, in MiB.
type fargateSize struct {
	cpu                 int
	memories            []int // the sizes that are not in even steps
	least, most, stepOf int
}

const gib = 1024

// fargateSizes are Fargate's sizes for Linux.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
var fargateSizes = []fargateSize{
	{cpu: 256, memories: []int{512, gib, 2 * gib}},
	{cpu: 512, least: 1 * gib, most: 4 * gib, stepOf: gib},
	{cpu: 1024, least: 2 * gib, most: 8 * gib, stepOf: gib},
	{cpu: 2048, least: 4 * gib, most: 16 * gib, stepOf: gib},
	{cpu: 4096, least: 8 * gib, most: 30 * gib, stepOf: gib},
	{cpu: 8192, least: 16 * gib, most: 60 * gib, stepOf: 4 * gib},
	{cpu: 16384, least: 32 * gib, most: 120 * gib, stepOf: 8 * gib},
}

// cpuSizes lists the CPU sizes that Fargate has.
func cpuSizes() []int {
	var all []int
	for _, size := range fargateSizes {
		all = append(all, size.cpu)
	}
	return all
}

// CPUUnits is the CPU of a task.
type CPUUnits int

// Rule implements settings.Ruled.
func (CPUUnits) Rule() settings.Rule { return settings.Set(cpuSizes()...) }

// fargateSizeOf returns the size with that many CPU units; false when Fargate has none.
func fargateSizeOf(cpu int) (fargateSize, bool) {
	i := slices.IndexFunc(fargateSizes, func(s fargateSize) bool { return s.cpu == cpu })
	if i < 0 {
		return fargateSize{}, false
	}
	return fargateSizes[i], true
}

// takes says whether the size exists with so much memory.
func (s fargateSize) takes(memory int) bool {
	if s.stepOf == 0 {
		return slices.Contains(s.memories, memory)
	}
	return memory >= s.least && memory <= s.most && (memory-s.least)%s.stepOf == 0
}

// allowed says in words which memory the size takes.
func (s fargateSize) allowed() string {
	if s.stepOf == 0 {
		return fmt.Sprintf("one of %v MiB with cpu %d", s.memories, s.cpu)
	}
	return fmt.Sprintf("%d to %d MiB in steps of %d with cpu %d", s.least, s.most, s.stepOf, s.cpu)
}
