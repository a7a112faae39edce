//! Search spaces as data: variants, sampling, mutation, crossover.
