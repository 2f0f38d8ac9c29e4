// Package orderedmap has the maps of a document, which stay empty.
package orderedmap

import "iter"

// Map is an empty map.
type Map[K comparable, V any] struct{}

// New makes one.
func New[K comparable, V any]() *Map[K, V] { return &Map[K, V]{} }

// Len is the number of its entries.
func Len[K comparable, V any](*Map[K, V]) int { return 0 }

// Get finds no value.
func (*Map[K, V]) Get(K) (value V, found bool) { return value, false }

// GetOrZero finds no value either.
func (*Map[K, V]) GetOrZero(K) (zero V) { return zero }

// Set keeps no value.
func (*Map[K, V]) Set(K, V) {}

// Delete has nothing to delete.
func (*Map[K, V]) Delete(K) {}

// FromOldest is the sequence of no entries.
func (*Map[K, V]) FromOldest() iter.Seq2[K, V] { return func(func(K, V) bool) {} }

// KeysFromOldest is the sequence of no keys.
func (*Map[K, V]) KeysFromOldest() iter.Seq[K] { return func(func(K) bool) {} }
