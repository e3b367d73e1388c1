package auth

import (
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// TestCacheKeepsNothingForgotten: whatever the order of reads, changes and
// late puts, the cache never holds a value older than the last forgetting.
func TestCacheKeepsNothingForgotten(t *testing.T) {
	keys := []string{"a", "b", "c", "d"}
	type read struct {
		key        string
		value      int
		generation uint64
		told       uint64
	}
	rapid.Check(t, func(t *rapid.T) {
		c := newCache[int](1000)
		truth := map[string]int{}
		var underway []read
		key := rapid.SampledFrom(keys)
		t.Repeat(map[string]func(*rapid.T){
			"read": func(t *rapid.T) {
				k := key.Draw(t, "key")
				underway = append(underway, read{k, truth[k], c.generation(k), c.told()})
			},
			"put": func(t *rapid.T) {
				if len(underway) == 0 {
					t.Skip("nothing was read")
				}
				r := rapid.SampledFrom(underway).Draw(t, "read")
				if rapid.Bool().Draw(t, "by key") {
					c.put(r.key, r.value, r.generation)
				} else {
					c.putUnlessTold(r.key, r.value, r.told)
				}
			},
			"change": func(t *rapid.T) {
				k := key.Draw(t, "key")
				truth[k]++
				c.forget(k)
			},
			"change all": func(t *rapid.T) {
				for _, k := range keys {
					truth[k]++
				}
				c.clear()
			},
			"": func(t *rapid.T) {
				for _, k := range keys {
					if v, ok := c.get(k); ok && v != truth[k] {
						t.Fatalf("%s is %d in the cache and %d in truth", k, v, truth[k])
					}
				}
			},
		})
	})
}

func TestCacheHoldsAndForgets(t *testing.T) {
	c := newCache[string](64)
	generation := c.generation("k")
	c.put("k", "v", generation)
	if v, ok := c.get("k"); !ok || v != "v" {
		t.Fatalf("got %q, %v", v, ok)
	}
	c.forget("k")
	if _, ok := c.get("k"); ok {
		t.Error("it was not forgotten")
	}
	c.put("k", "old", generation)
	if v, ok := c.get("k"); ok {
		t.Errorf("%q was read before the change and kept after", v)
	}
	c.put("k", "new", c.generation("k"))
	c.clear()
	if _, ok := c.get("k"); ok {
		t.Error("it was not forgotten with all")
	}
}

func TestCacheIsBounded(t *testing.T) {
	const most = 640
	c := newCache[int](most)
	for i := range 50 * most {
		k := fmt.Sprint("key", i)
		c.put(k, i, c.generation(k))
		if v, ok := c.get(k); !ok || v != i {
			t.Fatalf("the newest, %s, was dropped", k)
		}
	}
	held := 0
	for i := range c.shards {
		held += len(c.shards[i].byKey)
	}
	if held != most {
		t.Errorf("%d values are held, want %d", held, most)
	}
}

func TestCacheServesManyAtOnce(t *testing.T) {
	c := newCache[int](128)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 2000 {
				k := fmt.Sprint(i % 300)
				c.put(k, i%300, c.generation(k))
				if v, ok := c.get(k); ok && v != i%300 {
					t.Errorf("%s is %d", k, v)
				}
				switch i % 50 {
				case 0:
					c.clear()
				case 1:
					c.forget(k)
				}
			}
		})
	}
	wg.Wait()
}
