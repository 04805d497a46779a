// TagPolicy
