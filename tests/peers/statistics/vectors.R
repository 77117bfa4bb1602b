# Made-up survey answers and what R's `survey` says of them, as JSON.
# Rscript vectors.R SEED RESPONDENTS > vectors.json
# Twelve cells: four places by three kinds of household. -1 stands for no answer.
suppressPackageStartupMessages({library(survey); library(jsonlite)})
args <- as.integer(commandArgs(trailingOnly = TRUE))
set.seed(args[1], kind = "Mersenne-Twister", sample.kind = "Rejection")
n <- args[2]
place <- c(1:4, 1:4, 1:4, sample(1:4, n - 12, TRUE, c(.4, .3, .2, .1)))
home <- c(rep(1:3, each = 4), sample(1:3, n - 12, TRUE, c(.2, .5, .3)))
clip <- function(x, low, high) pmin(pmax(round(x), low), high)
gaps <- function(x, share) ifelse(runif(n) < share, NA, x)
mood <- rnorm(n) + .4 * (place - 2)
d <- data.frame(place = factor(place), home = factor(home),
  q1 = gaps(clip(3.4 + mood, 1, 5), .08), q2 = gaps(clip(2.4 + .5 * mood + rnorm(n) * .5, 1, 4), .05),
  i1 = gaps(clip(6.6 + mood * 1.5, 1, 10), .05), i2 = gaps(clip(6.1 + mood + rnorm(n), 1, 10), .1),
  i3 = gaps(clip(5.8 + mood + rnorm(n) * 2, 1, 10), .02), nps = gaps(clip(7.2 + 2 * mood, 0, 10), .03),
  p2 = gaps(clip(3.1 + mood + rnorm(n) * .4, 1, 5), .06))
d$home2 <- d$home
design <- svydesign(ids = ~1, weights = rep(1, n), data = d)
pop.place <- data.frame(place = factor(1:4), Freq = c(1200, 1500, 900, 1400))
pop.home <- data.frame(home = factor(1:3), Freq = c(1600, 2100, 1300))
designs <- list(equal = design, poststratified = postStratify(design, ~place, pop.place),
  raked = rake(design, list(~place, ~home), list(pop.place, pop.home),
    control = list(maxit = 2000, epsilon = 1e-12)))
pair <- function(x) list(value = as.numeric(coef(x)), se = as.numeric(SE(x)))
one <- function(g) {
  g <- update(g, good = as.numeric(q1 >= 4), promoter = ifelse(nps >= 9, 100, ifelse(nps <= 6, -100, 0)),
    y1 = ifelse(is.na(i1), 0, i1), a1 = as.numeric(!is.na(i1)), y2 = ifelse(is.na(i2), 0, i2),
    a2 = as.numeric(!is.na(i2)), y3 = ifelse(is.na(i3), 0, i3), a3 = as.numeric(!is.na(i3)))
  w <- weights(g)
  totals <- svytotal(~y1 + a1 + y2 + a2 + y3 + a3, g)
  index <- svycontrast(totals, quote(((y1/a1 - 1) + (y2/a2 - 1) + (y3/a3 - 1)) / 27 * 100))
  test <- svychisq(~q1 + home, g)
  small <- svychisq(~q2 + place, g)
  list(mean = pair(svymean(~q1, g, na.rm = TRUE)), top2 = pair(svymean(~good, g, na.rm = TRUE)),
    mean_place2 = pair(svymean(~q1, subset(g, place == 2), na.rm = TRUE)),
    nps = pair(svymean(~promoter, g, na.rm = TRUE)), index = pair(index),
    deff = n * sum(w^2) / sum(w)^2, n_eff = sum(w)^2 / sum(w^2),
    q1_home = list(f = as.numeric(test$statistic), df1 = test$parameter[[1]], df2 = test$parameter[[2]], p = test$p.value),
    q2_place = list(f = as.numeric(small$statistic), df1 = small$parameter[[1]], df2 = small$parameter[[2]], p = small$p.value))
}
expected <- lapply(designs, one)
paired <- t.test(d$p2, d$q1, paired = TRUE)
welch <- t.test(d$q1[d$place == 1], d$q1[d$place == 2])
wilson <- prop.test(sum(d$q1 >= 4, na.rm = TRUE), sum(!is.na(d$q1)), correct = FALSE)
test <- function(t, value) list(value = value, low = t$conf.int[1], high = t$conf.int[2], df = as.numeric(t$parameter), p = t$p.value)
plain <- t.test(d$q1)
ps <- c(.01, .04, .03, .005, .2)
rows <- with(d, cbind((as.integer(place) - 1) * 3 + as.integer(home) - 1, q1, q2, i1, i2, i3, nps, p2, as.integer(home), as.integer(place)))
rows[is.na(rows)] <- -1
colnames(rows) <- NULL
cat(toJSON(list(made_with = list(R = R.version.string, survey = as.character(packageVersion("survey")),
    seed = args[1]), rows = rows, population = list(place = pop.place$Freq, home = pop.home$Freq),
  expected = expected, paired = test(paired, as.numeric(paired$estimate)),
  welch = test(welch, as.numeric(welch$estimate[1] - welch$estimate[2])),
  wilson = list(low = wilson$conf.int[1], high = wilson$conf.int[2]),
  student = list(low = plain$conf.int[1], high = plain$conf.int[2]),
  holm = list(p = ps, adjusted = p.adjust(ps, "holm"))), digits = I(17), auto_unbox = TRUE), "\n", sep = "")
