package auth

import (
	"sync"
	"sync/atomic"
)

// cache keeps values by key, bounded. A shard's generation rises with
// everything it is told to forget, so that a value read from the database
// before it changed is not put back after.
type cache[T any] struct {
	perShard int
	forgot   atomic.Uint64 // all that was ever to be forgotten, whatever its shard
	shards   [64]cacheShard[T]
}

type cacheShard[T any] struct {
	mu         sync.RWMutex
	generation uint64
	byKey      map[string]T
}

func newCache[T any](most int) *cache[T] {
	c := &cache[T]{perShard: max(1, most/64)}
	for i := range c.shards {
		c.shards[i].byKey = map[string]T{}
	}
	return c
}

func (c *cache[T]) shard(key string) *cacheShard[T] {
	var h uint32 = 2166136261 // FNV-1a
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return &c.shards[h%64]
}

func (c *cache[T]) get(key string) (T, bool) {
	s := c.shard(key)
	s.mu.RLock()
	defer s.mu.RUnlock()
	v, ok := s.byKey[key]
	return v, ok
}

func (c *cache[T]) generation(key string) uint64 {
	s := c.shard(key)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.generation
}

// told counts what the cache was told to forget, for a read whose key is
// known only afterwards.
func (c *cache[T]) told() uint64 { return c.forgot.Load() }

// put keeps a value read under generation; it is dropped when the shard was
// told to forget anything since.
func (c *cache[T]) put(key string, v T, generation uint64) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation == generation {
		s.keep(key, v, c.perShard)
	}
}

// putUnlessTold keeps a value read when told was so; it is dropped when
// anything at all was forgotten since.
func (c *cache[T]) putUnlessTold(key string, v T, told uint64) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.forgot.Load() == told {
		s.keep(key, v, c.perShard)
	}
}

// keep stores a value, in the place of another when the shard is full.
func (s *cacheShard[T]) keep(key string, v T, most int) {
	if _, known := s.byKey[key]; !known && len(s.byKey) >= most {
		for other := range s.byKey { // any one: the order of a map is random
			delete(s.byKey, other)
			break
		}
	}
	s.byKey[key] = v
}

func (c *cache[T]) forget(key string) {
	s := c.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	c.forgot.Add(1)
	s.generation++
	delete(s.byKey, key)
}

func (c *cache[T]) clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		c.forgot.Add(1)
		s.generation++
		clear(s.byKey)
		s.mu.Unlock()
	}
}

// size counts what is kept.
func (c *cache[T]) size() (n int) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.RLock()
		n += len(s.byKey)
		s.mu.RUnlock()
	}
	return n
}
