# Writes golden.json: what R and its package pROC say. Run it here: Rscript make.R
suppressPackageStartupMessages(library(pROC))

numbers <- function(x) paste0("[", paste(ifelse(is.na(x), '"NaN"', sprintf("%.17g", x)), collapse = ", "), "]")
object <- function(...) {
  members <- list(...)
  paste0("{ ", paste0('"', names(members), '": ', unlist(members), collapse = ", "), " }")
}
list_of <- function(items) paste0("[\n    ", paste(unlist(items), collapse = ",\n    "), "\n  ]")

# DeLong: three detectors on the same images. Scores are multiples of `step`, exact in float32: large steps make ties.
set.seed(17)
delong <- lapply(list(c(3, 2, 1), c(40, 25, 1), c(30, 60, 1 / 1024), c(110, 70, 1 / 8), c(35, 30, 1e-9)), function(shape) {
  m <- shape[1]; n <- shape[2]; step <- shape[3]
  shared <- rnorm(m + n)
  scores <- lapply(1:3, function(detector) {
    raw <- shared + rnorm(m + n, sd = 0.7) + c(rep(detector / 2, m), rep(0, n))
    if (step < 1e-6) round(raw + c(rep(9, m), rep(0, n))) else round(raw / step) * step
  })
  rocs <- lapply(scores, function(s) roc(c(rep(1, m), rep(0, n)), s, levels = c(0, 1), direction = "<", quiet = TRUE))
  covariances <- sapply(rocs, function(a) sapply(rocs, function(b) {
    if (identical(a, b)) pROC::var(a, method = "delong") else suppressWarnings(pROC::cov(a, b, method = "delong"))
  }))
  object(
    id = paste0("[", paste(sapply(scores, function(s) numbers(s[1:m])), collapse = ", "), "]"),
    ood = paste0("[", paste(sapply(scores, function(s) numbers(s[m + 1:n])), collapse = ", "), "]"),
    auroc = numbers(sapply(rocs, function(r) as.numeric(r$auc))),
    covariance = numbers(as.vector(covariances))
  )
})

# Newcombe's method 5: where |a - t| = z sqrt(V(t)), on either side of a.
newcombe <- function(a, m, n, level) {
  z <- qnorm((1 + level) / 2)
  more <- (m + n) / 2 - 1
  away <- function(t) (a - t)^2 - z^2 * t * (1 - t) * (1 + more * (1 - t) / (2 - t) + more * t / (1 + t)) / (m * n)
  end <- function(from, to) if (from == to) from else uniroot(away, c(from, to), tol = 1e-16, maxiter = 10000)$root
  close <- 1e-12
  c(if (a == 0) 0 else end(close, a - if (a == 1) close else 0), if (a == 1) 1 else end(a + if (a == 0) close else 0, 1 - close))
}
newcombes <- apply(
  expand.grid(a = c(0, 0.5, 0.8, 0.97, 1), m = c(1, 12, 100), n = c(2, 29, 1000), level = c(0.9, 0.95)), 1,
  function(r) numbers(c(r, newcombe(r[["a"]], r[["m"]], r[["n"]], r[["level"]])))
)

shares <- function(interval) unlist(lapply(list(c(0, 1), c(1, 1), c(0, 5), c(5, 5), c(1, 2), c(7, 50), c(1, 1000), c(480, 481), c(9500, 10000)),
  function(kn) lapply(c(0.9, 0.95, 0.99), function(level) numbers(c(kn, level, interval(kn[1], kn[2], level))))))
wilson <- shares(function(k, n, level) suppressWarnings(prop.test(k, n, conf.level = level, correct = FALSE)$conf.int))
clopper <- shares(function(k, n, level) binom.test(k, n, conf.level = level)$conf.int)

adjusted <- lapply(list(c(0.01, 0.04, 0.03, 0.005), c(0.02, 0.02, 0.5, 1, 0), c(0.3), numeric(0), c(1, 1, 1),
  round(rbeta(30, 0.4, 2), 4)), function(p) object(p = numbers(p), holm = numbers(p.adjust(p, "holm")), bh = numbers(p.adjust(p, "BH"))))

z <- c(-37, -20, -8, -5, -3, -2.999, -1.96, -0.5, 0, 1e-8, 0.3, 1, 2.9999, 3.01, 5, 8)
p <- c(1e-300, 1e-100, 1e-20, 1e-6, 0.001, 0.019, 0.021, 0.025, 0.05, 0.3, 0.5, 0.7, 0.975, 0.999, 1 - 1e-9)
x <- c(1e-8, 0.1, 0.5, 1, 1.5, 2, 9.99, 14.9, 15.1, 100, 12345.5, 1e6)
betas <- expand.grid(x = c(1e-6, 0.02, 0.3, 0.5, 0.9, 0.9999), a = c(0.5, 1, 3, 40, 5000), b = c(0.5, 2, 25, 10000))
quantiles <- expand.grid(p = c(1e-4, 0.025, 0.5, 0.975), a = c(0.5, 1, 8, 481, 9501), b = c(1, 44, 500))
students <- expand.grid(p = c(1e-6, 0.025, 0.45, 0.9, 0.975, 0.9999), df = c(0.7, 2, 15.5, 198, 9e4, 2e5, 1e9))
tails <- rbind(c(0, 10, 0.3), c(1, 10, 0.3), c(7, 50, 0.05), c(10, 10, 0.3), c(3, 3, 1), c(30, 10000, 0.002), c(1, 5, 0))
# Conformal: ranks by a loop over all k; alpha is a whole number of thousandths, so that nothing is rounded.
sets <- expand.grid(n = c(1, 18, 19, 20, 44, 89, 90, 99, 199, 500, 2000, 9999), alpha = c(5, 10, 50, 100, 300), confidence = c(0.5, 0.9, 0.99))
ranks <- apply(sets, 1, function(s) c(((s[["n"]] + 1) * s[["alpha"]]) %/% 1000,
  sum(pbeta(s[["alpha"]] / 1000, 1:s[["n"]], s[["n"]]:1) >= s[["confidence"]])))
least <- expand.grid(alpha = c(5, 10, 50, 100, 300), confidence = c(0.5, 0.9, 0.99))
leasts <- apply(least, 1, function(s) c(which(((1:2000 + 1) * s[["alpha"]]) %/% 1000 >= 1)[1],
  which(pbeta(s[["alpha"]] / 1000, 1, 1:2000) >= s[["confidence"]])[1]))
verdicts <- lapply(list(c(19, 4, 0.2), c(60, 30, 0.1), c(60, 30, 0.3), c(200, 100, 0.05), c(500, 80, 0.1)), function(s) {
  calibration <- round(rnorm(s[1]), 2)
  tested <- round(rnorm(s[2], rep(c(0, -2.5), length.out = s[2])), 2)
  p <- sapply(tested, function(x) (1 + sum(calibration <= x)) / (s[1] + 1))
  object(calibration = numbers(sort(calibration)), tested = numbers(tested), p = numbers(p), q = sprintf("%.17g", s[3]),
    rejected = numbers(which(p.adjust(p, "BH") <= s[3] + 1e-12) - 1))
})

rows <- function(input, output) list_of(apply(cbind(input, output), 1, numbers))

writeLines(paste0("{\n", paste(c(
  paste0('  "madeBy": "', R.version.string, ", pROC ", packageVersion("pROC"), '"'),
  paste0('  "delong": ', list_of(delong)),
  paste0('  "newcombe": ', list_of(newcombes)),
  paste0('  "wilson": ', list_of(wilson)),
  paste0('  "clopperPearson": ', list_of(clopper)),
  paste0('  "adjusted": ', list_of(adjusted)),
  paste0('  "normalCdf": ', rows(z, pnorm(z))),
  paste0('  "normalQuantile": ', rows(p, qnorm(p))),
  paste0('  "logGamma": ', rows(x, lgamma(x))),
  paste0('  "betaCdf": ', rows(betas, pbeta(betas$x, betas$a, betas$b))),
  paste0('  "betaQuantile": ', rows(quantiles, qbeta(quantiles$p, quantiles$a, quantiles$b))),
  paste0('  "studentQuantile": ', rows(students, qt(students$p, students$df))),
  paste0('  "binomialUpperTail": ', rows(tails, pbinom(tails[, 1] - 1, tails[, 2], tails[, 3], lower.tail = FALSE))),
  paste0('  "conformalRanks": ', rows(sets, t(ranks))),
  paste0('  "conformalLeast": ', rows(least, t(leasts))),
  paste0('  "conformalVerdicts": ', list_of(verdicts))
), collapse = ",\n"), "\n}"), "golden.json")
